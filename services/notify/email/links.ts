import { downloadUrl } from '@waybill/domain';

/** Where an email or a notification leads. An address identifies a job; it grants no access: both ask for a session. */
export interface Links {
  readonly download: string;
  /** The page that lists exports. */
  readonly exports: string;
}

export interface LinkSettings {
  /** Address of a file, with `{job_id}` as the placeholder of the job's id. */
  readonly downloadUrl: string;
  readonly exportsPageUrl: string;
}

/** Returns the links of a job. */
export function linksOf(jobId: string, settings: LinkSettings): Links {
  return {
    download: settings.downloadUrl.replaceAll('{job_id}', encodeURIComponent(jobId)),
    exports: settings.exportsPageUrl,
  };
}

/** Reads the link settings. The history service serves the download unless another address is set. */
export function linkSettings(config: {
  readonly PUBLIC_URL: string;
  readonly DOWNLOAD_URL?: string | undefined;
  readonly EXPORTS_PAGE_URL?: string | undefined;
}): LinkSettings {
  return {
    downloadUrl: config.DOWNLOAD_URL ?? downloadUrl(config.PUBLIC_URL, '{job_id}'),
    exportsPageUrl: config.EXPORTS_PAGE_URL ?? config.PUBLIC_URL,
  };
}
