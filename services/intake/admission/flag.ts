import { ExportError } from '@waybill/errors';
import { OpenFeature, TypedInMemoryProvider } from '@openfeature/server-sdk';
import type { CompanyId, UserId } from '@waybill/domain';

export const flagKey = 'contact_export';

/** The company and user for whom the flag is evaluated. */
export interface FlagCaller {
  readonly companyId: CompanyId;
  readonly userId: UserId;
}

export interface ExportFlag {
  isOn(caller: FlagCaller): Promise<boolean>;
  /** @throws ExportError `FLAG_DISABLED` */
  require(caller: FlagCaller): Promise<void>;
}

/**
 * Creates the flag `contact_export`, evaluated by OpenFeature. The flag is off when the provider fails. Each service
 * instance uses its own OpenFeature domain, so that several instances in one process do not share a provider.
 */
export async function createExportFlag(domain: string, setting: string): Promise<ExportFlag> {
  await OpenFeature.setProviderAndWait(domain, settingProvider(setting));
  const client = OpenFeature.getClient(domain);
  const isOn = ({ companyId, userId }: FlagCaller): Promise<boolean> =>
    client.getBooleanValue(flagKey, false, { targetingKey: userId, company_id: companyId });
  return {
    isOn,
    async require(caller) {
      if (!(await isOn(caller))) throw new ExportError('FLAG_DISABLED');
    },
  };
}

/** Returns a provider for our setting: `on`, `off`, or the companies that have the feature. */
function settingProvider(setting: string): TypedInMemoryProvider {
  const companies = new Set<unknown>(setting === 'on' || setting === 'off' ? [] : setting.split(','));
  return new TypedInMemoryProvider({
    [flagKey]: {
      variants: { on: true, off: false },
      disabled: false,
      defaultVariant: 'off',
      contextEvaluator: (context) =>
        setting === 'on' || companies.has(context['company_id']) ? 'on' : 'off',
    },
  });
}
