/** Whose data; a whole company's where no person is named. */
export interface ErasureScope {
  readonly companyId: string;
  readonly userId?: string | undefined;
}

/** What an erasure did, by kind of thing. Each service counts its own kinds. */
export interface ErasureReport<Counts> {
  readonly removed: Counts;
  /** Looked for after the removal: nothing is left where all are 0. */
  readonly remaining: Counts;
}

/** What a service does about the right to delete. */
export interface Eraser<Counts = object> {
  /**
   * Removes what this service knows of a person or of a company and then counts what is left. Repeating it does no harm:
   * what could not go yet, because an export still runs, goes when it is asked for again.
   * @throws ExportError SERVICE_UNAVAILABLE, STORAGE_UNAVAILABLE.
   */
  erase(scope: ErasureScope, now: Date): Promise<ErasureReport<Counts>>;
}

/** What stands in the place of an id whose document is kept without it. */
export const erasedId = 'erased';
