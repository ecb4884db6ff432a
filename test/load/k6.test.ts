import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SummaryData } from '../../loadtest/report.ts';
import { storedFileBytes } from '../../src/protocol/layouts/file-inputs.ts';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { FIRST_TIME_MS, type LoadProcess, skipWithoutK6, startLoad } from './load-process.ts';

/** A busy machine is no failure: what is to be seen here is that everything arrives. */
const patient = ['connect', 'login', 'reconnect']
  .flatMap((what) => [`--max-${what}-p95-ms`, '600000'])
  .concat('--max-accepted-p99-ms', '600000', '--max-echo-p99-ms', '600000')
  .concat('--max-delivery-p99-ms', '600000', '--max-file-p99-ms', '600000');

describe('npm run loadtest with a real k6 on real gateways', () => {
  let cluster: TestCluster;
  let out: string;
  beforeAll(async () => {
    cluster = await startCluster({ gateways: 2, env: { BACKEND_TIMEOUT_MS: '10000' } });
    out = mkdtempSync(join(tmpdir(), 'conclave-loadtest-test-'));
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    rmSync(out, { recursive: true, force: true });
  });

  beforeEach(skipWithoutK6);

  function load(...args: readonly string[]): LoadProcess {
    const [first] = cluster.gateways;
    const metrics = cluster.gateways.map(({ adminUrl }) => `${adminUrl}/metrics`).join(',');
    return startLoad(['k6', ...args, '--url', first?.url ?? '', '--metrics', metrics, '--out', out]);
  }

  function count(metric: string): number | undefined {
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as SummaryData;
    return summary.metrics[`conclave_${metric}`]?.values['count'];
  }

  test(
    'smoke: every message is accepted and reaches every member once, through cut connections too',
    async () => {
      const smoke = load(
        'smoke',
        '--seconds',
        '6',
        '--cut-every-seconds',
        '2',
        '--spread-ms',
        '500',
        ...patient,
      );
      const code = await smoke.ended;
      expect([code, smoke.lines]).toEqual([0, expect.anything()]);
      expect(count('messages_accepted')).toBe(24);
      expect((count('deliveries') ?? 0) + (count('caught_up') ?? 0)).toBe(24 * 3);
      expect(count('reconnecting')).toBeGreaterThan(0);
      expect([count('lost'), count('duplicates')]).toEqual([0, 0]);
      const report = readFileSync(join(out, 'report.md'), 'utf8');
      expect(report).toContain('suite 1, rooms 2, members 3');
      expect(report).toContain('## smoke at ');
      expect(report).toMatch(/they took 24 messages and made \d+ deliveries/);
    },
    FIRST_TIME_MS,
  );

  test('smoke in suite 2: messages under one epoch are accepted, and reach every member once, from history too', async () => {
    const cuts = ['--seconds', '4', '--cut-every-seconds', '2', '--spread-ms', '500'];
    const smoke = load('smoke', '--suite', '2', ...cuts, ...patient);
    expect([await smoke.ended, smoke.lines]).toEqual([0, expect.anything()]);
    expect(count('messages_accepted')).toBe(16);
    expect((count('deliveries') ?? 0) + (count('caught_up') ?? 0)).toBe(16 * 3);
    expect([count('lost'), count('duplicates')]).toEqual([0, 0]);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('suite 2, rooms 2, members 3');
  });

  test('files: what one member stored, another fetches byte for byte, while messages go on', async () => {
    const few = ['--rooms', '2', '--members', '3', '--seconds', '6', '--files-per-minute', '30'];
    const files = load('files', ...few, '--file-bytes', '600000', ...patient);
    expect([await files.ended, files.lines]).toEqual([0, expect.anything()]);
    expect([count('files_due'), count('files_moved'), count('files_differing')]).toEqual([6, 6, 0]);
    expect(count('file_bytes_stored')).toBe(6 * storedFileBytes(600_000));
    expect(count('file_bytes_fetched')).toBe(count('file_bytes_stored'));
    expect([count('messages_accepted'), count('lost')]).toEqual([12, 0]);
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    expect(report).toMatch(/file due → fetched by another member +\| +6 \|/);
    expect(report).toMatch(/^- files: 3\.6 MB, [\d.]+ MB\/s stored; 3\.6 MB, [\d.]+ MB\/s fetched$/m);
  });

  test('files that cannot be stored are failures, and end it with 1', async () => {
    await using own = await startCluster({ gateways: 1, env: { MAX_FILE_BYTES: '1048576' } });
    const args = ['--url', own.gateways[0]?.url ?? '', '--out', out, '--seconds', '4', '--rooms', '2'];
    const files = startLoad([
      'k6',
      'files',
      ...args,
      '--files-per-minute',
      '30',
      '--file-bytes',
      '2000000',
      ...patient,
    ]);
    expect([await files.ended, files.lines]).toEqual([1, expect.anything()]);
    expect([count('files_moved'), count('failed{what:file}')]).toEqual([0, 4]);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('**CROSSED**: conclave_failed count<=0');
  });

  test('a threshold that is crossed ends it with 1, and stands in the report', async () => {
    const hopeless = load('smoke', '--seconds', '2', ...patient, '--max-delivery-p99-ms', '0');
    expect([await hopeless.ended, hopeless.lines]).toEqual([1, expect.anything()]);
    expect(hopeless.lines).toContain('A threshold was crossed: see the report.');
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('**CROSSED**: conclave_delivery p(99)<=0');
  });

  test('whoever was cut right before the end has time to come back, and is no failure', async () => {
    const cut = ['--cut-every-seconds', '3', '--spread-ms', '8000', '--settle-seconds', '120'];
    const run = load('smoke', '--seconds', '4', '--messages-per-second', '0', ...cut, ...patient);
    expect([await run.ended, run.lines]).toEqual([0, expect.anything()]);
    expect(count('reconnecting')).toBe(6);
    expect(count('failed')).toBe(0);
  }, 300_000);

  test('whoever is away when the time is over keeps nobody waiting', async () => {
    const away = ['--cut-every-seconds', '2', '--spread-ms', '600000', '--settle-seconds', '1'];
    const lenient = ['--max-lost', '1000', '--max-failed', '1000'];
    const run = load('smoke', '--seconds', '3', ...away, ...patient, ...lenient);
    expect([await run.ended, run.lines]).toEqual([0, expect.anything()]);
    // Nobody came back; each counts with the time until the end, and as a failure.
    expect(count('reconnecting')).toBe(6);
    expect(count('failed{what:connection}')).toBe(6);
    // Its messages were never answered.
    expect(count('failed{what:send}')).toBeGreaterThan(0);
    expect(count('acknowledged')).toBe(count('messages_due'));
  });

  test(
    'an outage in its middle ends it with 1, also when everything is well again at the end',
    async () => {
      await using own = await startCluster({ gateways: 1 });
      const args = [
        '--url',
        own.gateways[0]?.url ?? '',
        '--out',
        out,
        '--seconds',
        '30',
        '--settle-seconds',
        '30',
      ];
      // Only that people could not chat for a while can end it so: nothing else is asked.
      const onlyAccepted = [...patient, '--max-accepted-p99-ms', '5000'];
      await using run = startLoad(['k6', 'smoke', ...args, ...onlyAccepted]);
      await run.printed(/^ +5 s$/, FIRST_TIME_MS);
      own.redis.pause();
      await run.printed(/^ +25 s$/, 60_000);
      own.redis.resume();
      expect([await run.ended, run.lines]).toEqual([1, expect.anything()]);
      const report = readFileSync(join(out, 'report.md'), 'utf8');
      expect(report).toContain('**CROSSED**: conclave_acknowledged p(99)<=5000');
      // What was refused meanwhile is sent again until it is accepted.
      expect(count('refusals')).toBeGreaterThan(0);
      expect([count('lost'), count('failed')]).toEqual([0, 0]);
      expect(count('messages_accepted')).toBe(count('messages_due'));
    },
    FIRST_TIME_MS,
  );

  test('Ctrl-C ends it early, with a report of what was measured so far', async () => {
    rmSync(join(out, 'report.md'), { force: true });
    const long = load('smoke', '--seconds', '600', ...patient);
    await long.printed(/ [1-9]\d* deliveries$/, 60_000);
    long.signal('SIGINT');
    expect([await long.ended, long.lines]).toEqual([130, expect.anything()]);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toMatch(/messages accepted +\| +[1-9]/);
  });

  test('rates that are on are named as what is wrong', async () => {
    const limited = await cluster.add({ RATE_REGISTRATIONS_ADDRESS: '1/h' });
    const refused = startLoad(['k6', 'smoke', '--url', limited.url, '--out', out]);
    expect([await refused.ended, refused.lines]).toEqual([1, expect.anything()]);
    expect(refused.lines.join('\n')).toContain('The rate limits of that cluster are on');
  });
});

test('what npm run loadtest can not understand is told, with what there is', async () => {
  const unknown = startLoad(['k6', 'dance']);
  expect(await unknown.ended).toBe(2);
  expect(unknown.lines.join('\n')).toContain('Allowed choices are smoke, ');
  const wrong = startLoad(['k6', 'smoke', '--rooms', 'many']);
  expect(await wrong.ended).toBe(2);
  expect(wrong.lines.join('\n')).toContain('--rooms must be a whole number from 1 to 10000');
  const help = startLoad(['k6', '--help']);
  expect(await help.ended).toBe(0);
  expect(help.lines.join('\n')).toMatch(/--max-lost <n> +Threshold: /);
});
