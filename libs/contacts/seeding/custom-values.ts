import type { CustomField } from '../types.ts';
import type { Dice } from './dice.ts';
import { currencies } from './words.ts';

const dayMs = 86_400_000;

/** Money as a built-in field holds it. */
export function amount(dice: Dice): { readonly value: number; readonly currency_code: string } {
  const { code, from, to, decimals } = dice.pick(currencies);
  const unit = 10 ** decimals;
  return { value: dice.between(from, to) + dice.between(0, unit - 1) / unit, currency_code: code };
}

/**
 * The fields of its own that the seeder gives a company: those of the default view at most contacts, the others at few,
 * since the native stack's MongoDB keeps each entry as a map of half a kilobyte.
 */
export function customFieldsOf(dice: Dice, createdAt: number): readonly CustomField[] {
  const { value, currency_code } = amount(dice);
  const day = (days: number) => new Date(createdAt + days * dayMs);
  const often: readonly CustomField[] = [
    { key: 'loyalty_tier', value: dice.pick(['silver', 'gold', 'platinum', 'retired_tier']) },
    { key: 'annual_budget', value, currency_code },
    { key: 'contract_start', value: day(dice.between(-400, 400)).toISOString().slice(0, 10) },
    {
      key: 'national_id',
      value: `0${dice.between(100_000_000, 999_999_999)}${dice.between(100_000, 999_999)}`,
    },
  ];
  const shown = often.filter(() => !dice.oneIn(8));
  if (!dice.oneIn(6)) return shown;
  return [
    ...shown,
    { key: 'next_meeting_at', value: day(dice.between(1, 60)) },
    { key: 'employee_count', value: dice.between(1, 5_000) },
    { key: 'interests', value: ['coffee', 'batik', 'travel'].filter(() => dice.oneIn(2)) },
    { key: 'consent_given', value: dice.oneIn(2) },
    { key: 'preferences', value: { channel: dice.pick(['email', 'whatsapp']), quiet: dice.oneIn(4) } },
  ];
}
