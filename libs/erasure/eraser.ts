/** The data to erase: a person's, or the whole company's if no person is named. */
export interface ErasureScope {
  readonly companyId: string;
  readonly userId?: string | undefined;
}

/** Counts of an erasure by kind of data. Each service counts its own kinds. */
export interface ErasureReport<Counts> {
  readonly removed: Counts;
  /** Counted after the removal. The erasure is complete when all are 0. */
  readonly remaining: Counts;
}

/** Erases the data of one service (right to delete). */
export interface Eraser<Counts = object> {
  /**
   * Removes what this service stores of a person or a company, then counts what remains. The call can be repeated:
   * data of an export that still runs is removed by a later call.
   * @throws ExportError SERVICE_UNAVAILABLE, STORAGE_UNAVAILABLE.
   */
  erase(scope: ErasureScope, now: Date): Promise<ErasureReport<Counts>>;
}

/** Replaces the id of an erased person or company in documents that are kept. */
export const erasedId = 'erased';
