import { describe, expect, it } from 'vitest';
import { createLogger, silentLogger, type LogLevel } from './index.ts';

function recording(level?: LogLevel) {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'render',
    ...(level === undefined ? {} : { level }),
    destination: { write: (line: string) => lines.push(line) },
  });
  // A line is JSON of our own logger.
  return { logger, read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createLogger', () => {
  it('returns a logger that writes one JSON object per line with time, level, service, fields and message', () => {
    const { logger, read } = recording();
    logger.info({ job_id: 'j1', rows: 3 }, 'batch written');
    expect(read()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        service: 'render',
        job_id: 'j1',
        rows: 3,
        message: 'batch written',
      },
    ]);
  });

  it('returns a logger whose child adds its fields to each line, redacted like all fields', () => {
    const { logger, read } = recording();
    logger
      .child({ job_id: 'j1', email: 'a@b.example' })
      .child({ batch: 2n })
      .warn({ cookie: 'x' }, 'batch late');
    expect(read()).toMatchObject([
      { level: 'warn', job_id: 'j1', email: '[redacted]', batch: '2', cookie: '[redacted]' },
    ]);
  });

  it('returns a logger that omits lines below its level', () => {
    const { logger, read } = recording('warn');
    logger.debug({}, 'one');
    logger.info({}, 'two');
    logger.error({}, 'three');
    logger.fatal({}, 'four');
    expect(read().map((line) => line['message'])).toEqual(['three', 'four']);
  });

  it('returns a logger that does not read the fields of an omitted line', () => {
    const { logger } = recording('info');
    const fields = {
      get costly(): never {
        throw new Error('The field was read.');
      },
    };
    logger.debug(fields, 'not written');
    silentLogger().fatal(fields, 'not written');
    expect(() => logger.info(fields, 'written')).toThrow('The field was read.');
  });
});
