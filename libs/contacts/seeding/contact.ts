import { builtInField } from '../built-in-fields.ts';
import type { ContactDocument, CustomField } from '../types.ts';
import { diceOf, type Dice } from './dice.ts';
import { idPrefix, seededId } from './ids.ts';
import { amount, customFieldsOf } from './custom-values.ts';
import { cities, edgeDays, edgeInstants, formulas, jobTitles, names, notes, streets } from './words.ts';
import { recordIds } from './records.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** What all contacts of a seeding have in common. */
export interface ContactRecipe {
  readonly companyId: string;
  readonly seed: number;
  /** When the newest contact was created, epoch milliseconds; the others lie before it. */
  readonly newestAt: number;
}

/** Makes the contact at an index, the newest first. Equal arguments give equal contacts, in any order. */
export function createContactMaker(recipe: ContactRecipe): (index: number) => ContactDocument {
  const prefix = idPrefix(recipe.companyId);
  const ids = recordIds(prefix);
  return (index) => {
    const dice = diceOf(recipe.seed, index);
    const [first, last] = dice.pick(names);
    const [city, postalCode] = dice.pick(cities);
    const createdAt = createdAtOf(index, recipe.newestAt);
    // Nothing has happened to a contact after the newest of them came.
    const later = (days: number): Date =>
      new Date(Math.min(createdAt + dice.between(0, days * 24 * 60) * minuteMs, recipe.newestAt));
    return withoutGaps(dice, {
      _id: seededId(prefix, index),
      company_id: recipe.companyId,
      first_name: dice.oneIn(60) ? dice.pick(formulas) : first,
      last_name: last,
      email: emailOf(index, dice),
      phone: phoneOf(dice),
      mobile_phone: dice.oneIn(3) ? null : phoneOf(dice),
      source: dice.pick(keysOf('source')),
      status: dice.pick(keysOf('status')),
      tags: keysOf('tags').filter(() => dice.oneIn(3)),
      owner_id: dice.oneIn(10) ? null : dice.pick(ids.owners),
      associated_company_ids: dice.oneIn(2) ? [dice.pick(ids.companies)] : [],
      associated_deal_ids: ids.deals.filter(() => dice.oneIn(12)).slice(0, 3),
      job_title: dice.pick(jobTitles),
      website: dice.oneIn(2) ? `https://www.example.com/${index}?ref=crm&lang=id` : '',
      address: `${dice.pick(streets)} No. ${dice.between(1, 200)}\n${city}`,
      city,
      postal_code: postalCode,
      birth_date: dice.oneIn(100) ? dice.pick(edgeDays) : dayOf(dice.between(-7_000, 13_000)),
      is_subscribed: dice.oneIn(2),
      lead_score: scoreOf(dice),
      lifetime_value: amount(dice),
      discount_rate: dice.between(0, 2_000) / 20,
      notes: noteOf(dice),
      last_contacted_at: dice.oneIn(100) ? new Date(dice.pick(edgeInstants)) : later(30),
      created_at: new Date(createdAt),
      updated_at: later(90),
      external_id: String(dice.between(0, 99_999_999)).padStart(10, '0'),
      risk_score: dice.between(0, 100),
      custom_fields: customFieldsOf(dice, createdAt) satisfies readonly CustomField[],
    });
  };
}

/** Some 100 seconds apart; every 40th contact is as old as the one before it, so that only the id tells them apart. */
function createdAtOf(index: number, newestAt: number): number {
  const own = index % 40 === 39 ? index - 1 : index;
  return newestAt - own * 97_003;
}

const mayBeMissing = [
  'email',
  'job_title',
  'postal_code',
  'birth_date',
  'is_subscribed',
  'lead_score',
  'notes',
  'city',
];

/** Leaves holes as years of use do: a property that is missing, null or empty. */
function withoutGaps(dice: Dice, contact: ContactDocument): ContactDocument {
  const gaps = new Map(
    mayBeMissing
      .filter(() => dice.oneIn(12))
      .map((name) => [name, dice.pick(['missing', 'null', 'empty'] as const)] as const),
  );
  if (gaps.size === 0) return contact;
  const entries = Object.entries(contact).flatMap(([name, value]): [string, unknown][] => {
    const gap = gaps.get(name);
    if (gap === undefined) return [[name, value]];
    return gap === 'missing' ? [] : [[name, gap === 'null' ? null : '']];
  });
  return Object.fromEntries(entries) as ContactDocument; // neither id is ever among the gaps
}

function keysOf(field: string): readonly string[] {
  return (builtInField(field)?.validation?.options ?? []).map(({ key }) => key);
}

function emailOf(index: number, dice: Dice): string {
  return `contact.${index}@${dice.pick(['example.com', 'example.org', 'mail.example.net'])}`;
}

/** E.164, as people write it, or local with its leading zero. */
function phoneOf(dice: Dice): string {
  const rest = dice.between(10_000_000, 99_999_999);
  return dice.pick([
    `+62812${rest}`,
    `0812${rest}`,
    `+1415${rest % 10_000_000}`,
    `(021) ${rest}`,
    `+44 20 ${rest}`,
  ]);
}

function scoreOf(dice: Dice): number | string {
  // One that no double holds, as a decimal text.
  if (dice.oneIn(500)) return '12345678901234567890.123';
  return dice.oneIn(4) ? dice.between(-5_000, 1_000_000) / 8 : dice.between(0, 100);
}

function noteOf(dice: Dice): string {
  if (dice.oneIn(100)) return `${dice.pick(notes)} `.repeat(dice.between(50, 120));
  return dice.oneIn(80) ? dice.pick(formulas) : dice.pick(notes);
}

/** A calendar day by its distance from 1970-01-01. */
function dayOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
