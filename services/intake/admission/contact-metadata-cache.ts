import type { ContactSource } from '@waybill/contacts';
import type { CompanyId } from '@waybill/domain';

/** Companies whose answers are kept; the least recently asked goes first. */
const capacity = 1_000;

type Kept = Pick<ContactSource, 'fieldProperties' | 'layouts' | 'tenant'>;

/**
 * A source that asks for a company's fields, layouts and tenant at most once in `keptMs`, however many of its people
 * export at the same time. What an operator changes counts after that time at the latest. Failures are not kept.
 */
export function keepingCompanies(source: ContactSource, keptMs: number, now: () => number): ContactSource {
  if (keptMs === 0) return source;
  const fieldProperties = keeping<Kept['fieldProperties']>(
    (company) => source.fieldProperties(company),
    keptMs,
    now,
  );
  const layouts = keeping<Kept['layouts']>((company) => source.layouts(company), keptMs, now);
  const tenant = keeping<Kept['tenant']>((company) => source.tenant(company), keptMs, now);
  return {
    ...source,
    fieldProperties,
    layouts,
    tenant,
    layout: async (companyId, layoutId) =>
      (await layouts(companyId)).find((layout) => layout.id === layoutId),
    defaultLayout: async (companyId) => (await layouts(companyId)).find((layout) => layout.is_default),
  };
}

function keeping<Ask extends (companyId: CompanyId) => Promise<unknown>>(
  ask: (companyId: CompanyId) => ReturnType<Ask>,
  keptMs: number,
  now: () => number,
): (companyId: CompanyId) => ReturnType<Ask> {
  const answers = new Map<CompanyId, { readonly answer: ReturnType<Ask>; readonly until: number }>();
  return (companyId) => {
    const known = answers.get(companyId);
    if (known !== undefined && known.until > now()) return known.answer;
    const answer = ask(companyId);
    const entry = { answer, until: now() + keptMs };
    answers.delete(companyId);
    answers.set(companyId, entry);
    const [oldest] = answers.keys();
    if (answers.size > capacity && oldest !== undefined) answers.delete(oldest);
    answer.catch(() => {
      if (answers.get(companyId) === entry) answers.delete(companyId);
    });
    return answer;
  };
}
