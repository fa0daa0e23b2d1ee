import { createHash } from 'node:crypto';

const indexBits = 40n;
const indexMask = (1n << indexBits) - 1n;
/** Odd, and so a bijection on 40 bits: ids do not follow each other as the contacts do. */
const scatter = 0x9e3779b97fn;

/** The 14 hexadecimal digits that all seeded ids of a company start with. */
export function idPrefix(companyId: string): string {
  return createHash('sha256').update(companyId).digest('hex').slice(0, 14);
}

/** The id of a seeded contact: 24 hexadecimal digits, as the CRM's ids look, and no other company's. */
export function seededId(prefix: string, index: number): string {
  const scattered = (BigInt(index) * scatter) & indexMask;
  return prefix + scattered.toString(16).padStart(10, '0');
}
