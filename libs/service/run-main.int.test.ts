import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { startService, type ServiceProcess } from './testing/service-process.ts';

const processes: ServiceProcess[] = [];

afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.splice(0).map(({ exit }) => exit));
});

function started(...options: Parameters<typeof startService>): ServiceProcess {
  const service = startService(...options);
  processes.push(service);
  return service;
}

const limit = { timeout: 20_000, interval: 20 };

async function ready(...options: Parameters<typeof startService>): Promise<ServiceProcess> {
  const service = started(...options);
  await expect.poll(() => service.line('service ready'), limit).toBeDefined();
  return service;
}

const messages = (service: ServiceProcess) => service.lines().map((line) => line['message']);

describe('a running service', () => {
  it('logs once that it is ready, with its ports', async () => {
    const service = await ready();
    const port = Number(service.line('service ready')?.['operator_port']);
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    expect([response.status, await response.json()]).toEqual([
      200,
      { ready: true, checks: { service: 'ok' } },
    ]);
    expect(messages(service).filter((message) => message === 'service ready')).toHaveLength(1);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops cleanly on %s and exits with 0', async (signal) => {
    const service = await ready();
    service.child.kill(signal);
    expect(await service.exit).toBe(0);
    expect(messages(service).slice(-2)).toEqual(['service stopping', 'service stopped']);
    expect(service.line('service stopping')).toMatchObject({ signal });
    expect(service.errors()).toBe('');
  });

  it('stops with exit status 0 after the reader of its log has ended', async () => {
    const service = await ready();
    service.child.stdout?.destroy();
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
  });

  it('stops when the supervisor that spawned it with a channel has ended', async () => {
    const service = await ready({}, { channel: true });
    service.child.disconnect();
    expect(await service.exit).toBe(0);
    expect(service.line('service stopped')).toBeDefined();
  });

  it('treats the two SIGINTs of one Ctrl-C as one', async () => {
    const service = await ready();
    service.child.kill('SIGINT');
    service.child.kill('SIGINT');
    expect(await service.exit).toBe(0);
  });

  it('exits with 1 when the stop takes longer than its limit', async () => {
    const service = await ready({ FAILING: 'stop-hangs' });
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(service.line('service did not stop in time')).toMatchObject({ level: 'fatal', limit_ms: 1000 });
  });

  it('exits at once with 130 on a second SIGINT', async () => {
    const service = await ready({ FAILING: 'stop-hangs' });
    service.child.kill('SIGINT');
    // Two SIGINTs within half a second count as one Ctrl-C, so the signal is sent until that time is over.
    const again = setInterval(() => service.child.kill('SIGINT'), 50);
    expect(await service.exit).toBe(130);
    clearInterval(again);
    expect(service.line('service stopped at once')).toBeDefined();
    expect(service.line('service did not stop in time')).toBeUndefined();
  });

  it('exits with 1 when the stop fails, and logs the error', async () => {
    const service = await ready({ FAILING: 'stop' });
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(service.line('service failed')).toMatchObject({ error: { message: 'The stop went wrong.' } });
  });

  it.each([
    ['throws', 'Thrown and not caught.', 'uncaughtException'],
    ['rejects', 'Rejected and not handled.', 'unhandledRejection'],
  ])(
    'exits with 1 when it %s an error that is not handled, and logs the error',
    async (failing, message, origin) => {
      const service = started({ FAILING: failing });
      expect(await service.exit).toBe(1);
      expect(service.line('error not handled')).toMatchObject({ level: 'fatal', origin, error: { message } });
    },
  );
});

describe('a starting service', () => {
  it('logs one line that lists all wrong settings, and exits with 1', async () => {
    const service = started({ HTTP_PORT: 'x', FAILING: 'oops', LOG_LEVEL: 'loud' });
    expect(await service.exit).toBe(1);
    expect(service.lines()).toHaveLength(1);
    const line = JSON.stringify(service.line('settings are not valid'));
    for (const name of ['HTTP_PORT', 'FAILING', 'LOG_LEVEL']) expect(line).toContain(`- ${name} is wrong`);
  });

  it('exits with 1 when the start fails, and logs the error', async () => {
    const service = started({ FAILING: 'start' });
    expect(await service.exit).toBe(1);
    expect(service.line('service failed')).toMatchObject({ error: { message: 'The start went wrong.' } });
  });

  it('exits with 1 when its port is in use, and logs the setting to change', async () => {
    const first = await ready();
    const second = started({ HTTP_PORT: String(first.line('service ready')?.['http_port']) });
    expect(await second.exit).toBe(1);
    expect(JSON.stringify(second.line('service failed'))).toContain('Set HTTP_PORT to a free port');
    const third = started({ OPERATOR_PORT: String(first.line('service ready')?.['operator_port']) });
    expect(await third.exit).toBe(1);
    expect(JSON.stringify(third.line('service failed'))).toContain('Set OPERATOR_PORT to a free port');
  });

  it('stops within the limit while its start hangs', async () => {
    const service = started({ FAILING: 'start-hangs' });
    await expect.poll(() => service.line('example listens'), limit).toBeDefined();
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(service.line('service did not stop in time')).toBeDefined();
  });

  it('answers 503 on /readyz and 200 on /livez while it starts', async () => {
    const service = started({ FAILING: 'start-hangs' });
    await expect.poll(() => service.line('example listens'), limit).toBeDefined();
    const port = Number(service.line('example listens')?.['operator_port']);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  });
});

describe('a service whose server is down at the start', () => {
  async function serverOn(port: number): Promise<{ readonly port: number; close(): void }> {
    const server = createServer((_, response) => response.end());
    const taken = await new Promise<number>((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        if (typeof address === 'object' && address !== null) resolve(address.port);
      });
    });
    return {
      port: taken,
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  it('runs, logs each failed attempt and answers 503 on /readyz until the server answers', async () => {
    const unused = await serverOn(0);
    const freePort = unused.port;
    unused.close();
    const service = started({ SERVER_URL: `http://127.0.0.1:${freePort}` });
    const failures = () => messages(service).filter((message) => message === 'server does not answer').length;
    await expect.poll(failures, limit).toBeGreaterThan(2);
    const port = Number(service.line('example listens')?.['operator_port']);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
    expect(service.line('service ready')).toBeUndefined();

    const server = await serverOn(freePort);
    await expect.poll(() => service.line('service ready'), limit).toBeDefined();
    expect(service.line('server answers again')).toMatchObject({ server: 'server' });
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    server.close();
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503);
  });

  it('stops cleanly while it waits for the server', async () => {
    const unused = await serverOn(0);
    const freePort = unused.port;
    unused.close();
    const service = started({ SERVER_URL: `http://127.0.0.1:${freePort}` });
    await expect.poll(() => service.line('server does not answer'), limit).toBeDefined();
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
    expect(service.line('service stopped')).toBeDefined();
  });
});
