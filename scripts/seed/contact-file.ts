import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseContactLine, readContact } from '@waybill/fixtures';
import { asError } from '@waybill/errors';

/** A line of a file that holds a contact; blank lines are none. */
interface ContactLine {
  /** From 1, as editors count. */
  readonly number: number;
  readonly text: string;
}

const byteOrderMark = '\uFEFF';

async function* contactLines(file: string): AsyncGenerator<ContactLine, void, undefined> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    const text = number === 1 && line.startsWith(byteOrderMark) ? line.slice(1) : line;
    if (text.trim() !== '') yield { number, text };
  }
}

/** What is wrong with a file, line by line; nothing is written as long as there is something. */
export interface FileCheck {
  readonly contacts: number;
  readonly faults: readonly string[];
  /** Faults that are not in the list. */
  readonly furtherFaults: number;
}

/** Faults that are reported at once; nobody corrects more. */
const faultsShown = 20;

/** Reads a file once, to say everything that is wrong with it before any contact is stored. */
export async function checkContactFile(file: string, companyId: string): Promise<FileCheck> {
  const faults: string[] = [];
  const lineOfId = new Map<string, number>();
  let contacts = 0;
  let count = 0;
  for await (const { number, text } of contactLines(file)) {
    contacts += 1;
    for (const fault of faultsOf(number, text, companyId, lineOfId)) {
      count += 1;
      if (faults.length < faultsShown) faults.push(`line ${number}: ${fault}`);
    }
  }
  return { contacts, faults, furtherFaults: count - faults.length };
}

function faultsOf(
  number: number,
  text: string,
  companyId: string,
  lineOfId: Map<string, number>,
): readonly string[] {
  let value: unknown;
  try {
    value = parseContactLine(text);
  } catch (error) {
    // The parser counts lines too, but it has seen one only.
    return [`is not JSON: ${asError(error).message.replace(/ \(line 1 column \d+\)$/, '')}`];
  }
  const read = readContact(value, companyId);
  if (!read.ok) {
    return read.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  }
  const { id } = read.contact;
  if (id === undefined) return [];
  const earlier = lineOfId.get(id);
  lineOfId.set(id, number);
  return earlier === undefined ? [] : [`the id ${id} was already in line ${earlier}`];
}

/** The contacts of a file, one after the other; `lines` receives the number of each one's line. */
export async function* contactsOf(file: string, lines: number[]): AsyncGenerator<unknown, void, undefined> {
  for await (const { number, text } of contactLines(file)) {
    lines.push(number);
    yield parseContactLine(text);
  }
}
