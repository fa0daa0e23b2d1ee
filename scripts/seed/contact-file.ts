import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseContactLine, readContact } from '@waybill/fixtures';
import { asError, textIn } from '@waybill/errors';

/** A line of a file that is not blank. */
interface ContactLine {
  /** Line number, from 1. */
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

/** The faults of a file by line. A file with faults is not loaded. */
export interface FileCheck {
  readonly contacts: number;
  readonly faults: readonly string[];
  /** Number of faults that are not in the list. */
  readonly furtherFaults: number;
}

/** Maximum number of reported faults. */
const faultsShown = 20;

/** Reads a file and returns all of its faults, before any contact is stored. */
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
    // The parser gets one line, so its line number is always 1 and is removed.
    return [`is not JSON: ${asError(error).message.replace(/ \(line 1 column \d+\)$/, '')}`];
  }
  const read = readContact(value, companyId);
  if (!read.ok) {
    return read.faults.map(
      ({ path, message }) => `${path === '' ? '' : `${path}: `}${textIn(message, 'en')}`,
    );
  }
  const { id } = read.contact;
  if (id === undefined) return [];
  const earlier = lineOfId.get(id);
  lineOfId.set(id, number);
  return earlier === undefined ? [] : [`the id ${id} was already in line ${earlier}`];
}

/** Yields the contacts of a file, and adds the line number of each one to `lines`. */
export async function* contactsOf(file: string, lines: number[]): AsyncGenerator<unknown, void, undefined> {
  for await (const { number, text } of contactLines(file)) {
    lines.push(number);
    yield parseContactLine(text);
  }
}
