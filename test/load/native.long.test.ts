import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { type LoadProcess, startLoad } from './load-process.ts';

describe('npm run loadtest:native on a real gateway', () => {
  let cluster: TestCluster;
  let out: string;
  beforeAll(async () => {
    cluster = await startCluster({ gateways: 1, env: { BACKEND_TIMEOUT_MS: '10000' } });
    out = mkdtempSync(join(tmpdir(), 'conclave-native-test-'));
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    rmSync(out, { recursive: true, force: true });
  });

  function load(...args: readonly string[]): LoadProcess {
    const [gateway] = cluster.gateways;
    const metrics = `${gateway?.adminUrl}/metrics`;
    return startLoad(['native', ...args, '--url', gateway?.url ?? '', '--metrics', metrics, '--out', out]);
  }

  const report = (): string => readFileSync(join(out, 'report.md'), 'utf8');

  test.each(['1', '2'])(
    'deliver in suite %s: every copy of every message arrives, and is timed from when the message was due',
    async (suite) => {
      const rate = ['--messages-per-second', '20', '--seconds', '3', '--warm-seconds', '0'];
      const patient = ['--max-accepted-p99-ms', '600000'];
      await using deliver = load(
        'deliver',
        ...['--suite', suite],
        '--rooms',
        '2',
        '--members',
        '10',
        '--senders',
        '2',
        ...rate,
        ...patient,
      );
      expect([await deliver.ended, deliver.lines]).toEqual([0, expect.anything()]);
      const [, sent, deliveries] =
        /(\d+) messages were sent in all, 0 of them refused, 0 not answered; (\d+) deliveries/.exec(
          report(),
        ) ?? [];
      expect(Number(sent)).toBeGreaterThan(30);
      expect(Number(deliveries)).toBe(Number(sent) * 10);
      expect(report()).toContain(`Rooms of suite ${suite}.`);
      expect(report()).toMatch(/: 0 lost, 0 twice, \d+ overtaken/);
      expect(report()).toMatch(/message due → read by a receiver \| [1-9]/);
      // Its clients have left as people do: nobody who watches the gateway is told of a loss.
      await eventually(async () => {
        const page = (await cluster.gateways[0]?.metrics()) ?? '';
        expect(page).toMatch(/^conclave_connections 0$/m);
        expect(page).toMatch(/^conclave_connections_closed_total\{code="lost"\} 0$/m);
      });
    },
  );

  test.each(['1', '2'])(
    'reconnect in suite %s: everybody is back, with a token and without a read of the store',
    async (suite) => {
      const people = ['--clients', '40', '--members', '20', '--spread-seconds', '1'];
      await using reconnect = load('reconnect', '--suite', suite, ...people);
      expect([await reconnect.ended, reconnect.lines]).toEqual([0, expect.anything()]);
      expect(report()).toMatch(/all 40 were back after/);
      expect(report()).toMatch(/made 0 deliveries and 40 logins/);
      // What a login, and entering a room that the node does not know, would have to read.
      expect(report()).not.toMatch(/identity|room_by|page/);
    },
  );

  test('a signal ends it, whatever its clients wait for', async () => {
    await using reconnect = load('reconnect', '--clients', '4', '--members', '4', '--spread-seconds', '600');
    await reconnect.printed(/^cutting all off, round 1$/, 60_000);
    reconnect.signal('SIGINT');
    expect(await reconnect.ended).toBe(130);
  });

  test('says what its arguments may be', async () => {
    await using unknown = startLoad(['native', 'dance']);
    expect(await unknown.ended).toBe(2);
    await using crowd = startLoad(['native', 'reconnect', '--clients', '1000000']);
    expect(await crowd.ended).toBe(2);
    expect(crowd.lines.join('\n')).toMatch(/limit of open files/);
    await using help = startLoad(['native', 'reconnect', '--help']);
    expect(await help.ended).toBe(0);
    expect(help.lines.join('\n')).toMatch(/--spread-seconds <n> +Every client reconnects/);
  });
});
