import { describe, expect, it } from 'vitest';
import { createLogger, silentLogger, type LogLevel } from './index.ts';

function recording(level?: LogLevel) {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'render',
    ...(level === undefined ? {} : { level }),
    destination: { write: (line: string) => lines.push(line) },
  });
  // A line is JSON of our own making.
  return { logger, read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('the logger', () => {
  it('writes one JSON object a line with time, level, service, fields and the constant message', () => {
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

  it('adds the fields of a child to each of its lines, redacted as all fields are', () => {
    const { logger, read } = recording();
    logger
      .child({ job_id: 'j1', email: 'a@b.example' })
      .child({ batch: 2n })
      .warn({ cookie: 'x' }, 'batch late');
    expect(read()).toMatchObject([
      { level: 'warn', job_id: 'j1', email: '[redacted]', batch: '2', cookie: '[redacted]' },
    ]);
  });

  it('leaves out what is less severe than its level', () => {
    const { logger, read } = recording('warn');
    logger.debug({}, 'one');
    logger.info({}, 'two');
    logger.error({}, 'three');
    logger.fatal({}, 'four');
    expect(read().map((line) => line['message'])).toEqual(['three', 'four']);
  });

  it('does not look at the fields of a line that is not written', () => {
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
