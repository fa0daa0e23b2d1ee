import type { FilterOperator, Period } from '@waybill/domain';
import type { SelectionMode } from '@waybill/schemas';

/** All texts of the emails and notifications, in one language. */
export interface Words {
  readonly greeting: (name: string | undefined) => string;
  readonly succeeded: {
    /** The body of the notification in the app. */
    readonly notice: (rows: string, until: string) => string;
    readonly subject: (rows: string, format: string) => string;
    readonly title: string;
    readonly lead: (rows: string) => string;
    readonly action: string;
    readonly linkNote: string;
  };
  readonly failed: {
    readonly subject: (reason: string) => string;
    readonly title: string;
    readonly lead: string;
    readonly action: string;
    readonly next: string;
  };
  readonly cancelled: {
    readonly subject: string;
    readonly title: string;
    readonly lead: string;
    readonly action: string;
    readonly next: string;
  };
  /** For administrators, about a large export. */
  readonly alert: {
    readonly subject: (rows: string) => string;
    readonly title: string;
    readonly lead: (who: string, rows: string, threshold: string) => string;
    readonly notice: (rows: string, threshold: string) => string;
    readonly next: string;
    readonly action: string;
    readonly footer: string;
  };
  readonly labels: {
    readonly requester: string;
    readonly selection: string;
    readonly layout: string;
    readonly filters: string;
    readonly period: string;
    readonly sources: string;
    readonly rows: string;
    readonly skipped: string;
    readonly fields: string;
    readonly format: string;
    readonly timezone: string;
    readonly size: string;
    readonly file: string;
    readonly requested: string;
    readonly expires: string;
    readonly jobId: string;
  };
  readonly skippedNote: (count: string) => string;
  /** Contacts that were taken out of the selection one by one. */
  readonly excluded: (count: string) => string;
  readonly selection: Readonly<Record<SelectionMode, string>>;
  readonly periods: Readonly<Record<Period, string>>;
  readonly between: (from: string, to: string) => string;
  readonly since: (from: string) => string;
  readonly until: (to: string) => string;
  readonly search: (text: string) => string;
  readonly operators: Readonly<Record<FilterOperator, (field: string, value: string) => string>>;
  readonly absent: (field: string) => string;
  readonly yes: string;
  readonly no: string;
  readonly receipt: {
    readonly title: string;
    readonly explain: string;
    readonly matched: string;
    readonly written: string;
    readonly skipped: string;
    readonly truncated: string;
    readonly asText: string;
    readonly replaced: string;
    readonly snapshot: string;
    readonly timezoneDatabase: string;
    readonly sha256: string;
    readonly bytes: string;
    readonly attempt: string;
    readonly fields: string;
  };
  readonly footer: string;
  readonly fallback: string;
}
