import type { JobId } from '@waybill/domain';
import type { Links } from './message.ts';

export interface LinkSettings {
  /** Address of a file, with `{job_id}` where the job's id goes. */
  readonly downloadUrl: string;
  readonly exportsPageUrl: string;
}

/** Where a message about a job leads. The addresses identify; they authorise nothing. */
export function linksOf(jobId: JobId | string, settings: LinkSettings): Links {
  return {
    download: settings.downloadUrl.replaceAll('{job_id}', encodeURIComponent(jobId)),
    exports: settings.exportsPageUrl,
  };
}

/** The history answers the download unless another address is set. */
export function linkSettings(config: {
  readonly PUBLIC_URL: string;
  readonly DOWNLOAD_URL?: string | undefined;
  readonly EXPORTS_PAGE_URL?: string | undefined;
}): LinkSettings {
  return {
    downloadUrl:
      config.DOWNLOAD_URL ?? `${config.PUBLIC_URL}/iag/v1/contacts/export/history/{job_id}/download`,
    exportsPageUrl: config.EXPORTS_PAGE_URL ?? config.PUBLIC_URL,
  };
}
