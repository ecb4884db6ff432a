import { open } from 'node:fs/promises';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { closeCodes } from '../protocol/codes.ts';
import { createLogger } from './logger.ts';
import { createTelemetry } from './prometheus-telemetry.ts';

const telemetry = createTelemetry(pino({ level: 'silent' }), { version: '1.2.3', nodeVersion: 'v20' });

describe('the page of metrics', () => {
  it('has names that Prometheus and its linter accept, each with a help text', async () => {
    telemetry.requestDone('send', 'ok', 0.01);
    telemetry.loggedIn('login', 'auth_failed', 0.1);
    const page = await telemetry.page.text();
    const types = [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({
      name,
      type,
    }));
    const helps = new Set([...page.matchAll(/^# HELP (\S+) \S.+$/gm)].map(([, name]) => name));
    expect(types.length).toBeGreaterThan(50);
    for (const { name, type } of types) {
      expect(helps).toContain(name);
      expect(name).toMatch(/^(conclave|process|nodejs)_[a-z0-9_]+$/);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(name).not.toMatch(/_(count|sum|bucket|ms|milliseconds|minutes|kilobytes)(_|$)/);
    }
  });

  it('counts what it was told', async () => {
    const fresh = createTelemetry(pino({ level: 'silent' }), { version: '1', nodeVersion: 'v20' });
    fresh.connectionOpened();
    fresh.connectionOpened();
    fresh.connectionsMax(50_000);
    fresh.connectionClosed('slow_consumer');
    fresh.fannedOut(200, 0.0001, 0.002);
    fresh.flushed(3, 1_668);
    fresh.brokerStarved();
    fresh.onlineUsers(7);
    const page = await fresh.page.text();
    for (const line of [
      'conclave_connections 1',
      'conclave_connections_max 50000',
      'conclave_broker_starved_total 1',
      'conclave_online_users 7',
      'conclave_ready 0',
      'conclave_connections_closed_total{code="slow_consumer"} 1',
      'conclave_deliveries_total 200',
      'conclave_outbox_coalesced_frames_total 2',
      'conclave_sent_bytes_total 1668',
      'conclave_publish_to_delivery_seconds_count 1',
      'conclave_build_info{version="1",node="v20"} 1',
    ]) {
      expect(page.split('\n')).toContain(line);
    }
    fresh.readyWhile(() => true);
    const later = (await fresh.page.text()).split('\n');
    expect(later).toContain('conclave_connections_opened_total 2');
    expect(later).toContain('conclave_ready 1');
  });
});

describe('the metrics of the process', () => {
  it.runIf(process.platform === 'linux')('say how many files are open', async () => {
    const openFiles = async (): Promise<number> =>
      Number(/^process_open_fds (\d+)$/m.exec(await telemetry.page.text())?.[1]);
    const before = await openFiles();
    const opened = await Promise.all(Array.from({ length: 50 }, () => open('/dev/null')));
    const during = await openFiles();
    await Promise.all(opened.map((file) => file.close()));
    expect(during - before).toBeGreaterThan(40);
    expect(during - before).toBeLessThan(60);
  });
});

describe('labels whose values are known', () => {
  it('are there before anything happened, so that the first event is a rise', async () => {
    const fresh = createTelemetry(pino({ level: 'silent' }), { version: '1', nodeVersion: 'v20' });
    const page = (await fresh.page.text()).split('\n');
    for (const code of [...Object.keys(closeCodes), 'normal', 'lost', 'other'])
      expect(page).toContain(`conclave_connections_closed_total{code="${code}"} 0`);
    expect(page).toContain('conclave_connections_rejected_total{reason="capacity"} 0');
  });
});

describe('the log', () => {
  it('is one line of JSON an entry, without what must stay secret', () => {
    const lines: string[] = [];
    const logger = createLogger('info', 'node-1', { write: (line) => void lines.push(line) });
    const cause = new Error('connect failed: redis://user:hunter2@redis:6379');
    logger.warn({
      event: 'broken',
      error: new Error('outer', { cause }),
      token: 'abc',
      request: { mac: 'def' },
    });
    logger.debug({ event: 'unseen' });
    expect(lines.length).toBe(1);
    const entry: unknown = JSON.parse(lines[0] ?? '');
    expect(entry).toMatchObject({
      level: 'warn',
      node: 'node-1',
      event: 'broken',
      token: '[redacted]',
      request: { mac: '[redacted]' },
      error: { message: 'outer', cause: { message: 'connect failed: redis://***@redis:6379' } },
    });
    expect(lines[0]).not.toContain('hunter2');
  });
});
