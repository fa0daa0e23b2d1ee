import { parseArgs } from 'node:util';
import { asError } from '@waybill/errors';
import { defaultTimezone, formats, isTimezone, limits, type Format } from '@waybill/domain';

export interface DemoOptions {
  readonly rows: number;
  readonly format: Format;
  readonly timezone: string;
  /** Folder that the file is stored in. */
  readonly out: string;
  readonly json: boolean;
}

export const demoUsage = `usage: npm run demo -- [--rows 10000] [--format xlsx|csv] [--timezone Z] [--out DIR] [--json]
  --rows      1 to ${limits.maximumCap}; above ${limits.defaultCap} the company's cap is raised
  --timezone  an IANA id; ${defaultTimezone} by default
  --json      one last line of JSON`;

function isFormat(value: string): value is Format {
  return (formats as readonly string[]).includes(value); // widened so that any text can be looked up
}

/** Returns the options, or the reason why they are not valid. */
export function readDemoOptions(args: readonly string[]): DemoOptions | string {
  let values;
  try {
    values = parseArgs({
      args: [...args],
      options: {
        rows: { type: 'string', default: String(limits.defaultCap) },
        format: { type: 'string', default: 'xlsx' },
        timezone: { type: 'string', default: defaultTimezone },
        out: { type: 'string', default: 'out' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return asError(error).message;
  }
  const { format, timezone, out, json } = values;
  const rows = Number(values.rows);
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > limits.maximumCap) {
    return `--rows ${values.rows} is not a whole number from 1 to ${limits.maximumCap}`;
  }
  if (!isFormat(format)) return `--format ${format} is neither xlsx nor csv`;
  if (!isTimezone(timezone)) return `--timezone ${timezone} is not an IANA timezone id`;
  return { rows, format, timezone, out, json };
}
