import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { startPrometheus } from '../../scripts/cluster/prometheus.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { eventually } from '../support/eventually.ts';
import { findInPath } from '../support/programs/find-in-path.ts';
import { OPTIONAL } from '../support/programs/optional.ts';
import { freePort, type RunningServer, startServer } from '../support/services/server-process.ts';

/** Debian's name, and the project's. */
const programs = ['prometheus-alertmanager', 'alertmanager'];
/** An alert is `firing` for 20 or 30 s before Alertmanager hears of it. */
const patience = { deadlineMs: 90_000, pauseMs: 200 };

/** A receiver of the deployed configuration, the alert that it was told of, and how that alert stood. */
type Notice = `${string} ${string} ${'firing' | 'resolved'}`;

interface WebhookBody {
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

/** Where the configuration's receivers send to here: the last part of the path is the receiver's name. */
async function startWebhook(): Promise<{ readonly url: string; readonly notices: readonly Notice[] }> {
  const notices: Notice[] = [];
  const server = createServer(async (request, response) => {
    const { alerts } = JSON.parse(await text(request)) as WebhookBody;
    for (const { status, labels } of alerts)
      notices.push(`${request.url?.slice(1)} ${labels['alertname']} ${status}`);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') return expect.unreachable();
  return { url: `http://127.0.0.1:${address.port}`, notices };
}

/** The deployed configuration, but for its pace, and with a webhook for each receiver. */
function localConfig(webhook: string): string {
  return readFileSync('deploy/alertmanager/alertmanager.yml', 'utf8')
    .replace(/^( +)- name: ([\w-]+)$/gm, `$&\n$1  webhook_configs: [{ url: "${webhook}/$2" }]`)
    .replace(/(group_wait|group_interval|repeat_interval): \S+/g, '$1: 1s');
}

function startAlertmanager(program: string, dir: string, config: string): Promise<RunningServer> {
  const file = join(dir, 'alertmanager.yml');
  writeFileSync(file, config);
  return startServer(
    {
      name: 'alertmanager',
      command: (port) => [
        program,
        `--config.file=${file}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      url: (port) => `http://127.0.0.1:${port}`,
      probe: async (port) => {
        const answer = await fetch(`http://127.0.0.1:${port}/-/ready`);
        if (!answer.ok) throw new Error('not ready');
      },
    },
    { dir },
  );
}

test('Alertmanager repeats the watchdog, tells the right receivers of a killed gateway, and that it is back', async ({
  skip,
}) => {
  const program = programs.find((name) => findInPath(name) !== undefined);
  if (program === undefined) return skip(`${OPTIONAL}prometheus-alertmanager is not installed`);
  const dir = mkdtempSync(join(tmpdir(), 'conclave-alertmanager-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const folder = (name: string): string => {
    mkdirSync(join(dir, name));
    return join(dir, name);
  };
  const webhook = await startWebhook();
  const { notices } = webhook;
  await using alertmanager = await startAlertmanager(
    program,
    folder('alertmanager'),
    localConfig(webhook.url),
  );
  const prometheus = await startPrometheus(folder('prometheus'), 1);
  onTestFinished(() => prometheus.server.stop());
  prometheus.publish('alertmanager', [new URL(alertmanager.url).host]);
  const env = { DATA_DIR: folder('data'), PORT: `${await freePort()}`, ADMIN_PORT: `${await freePort()}` };
  await using gateway = await startGateway(env);
  prometheus.publish('gateway', [new URL(gateway.adminUrl).host]);

  const watchdog: Notice = 'watchdog ConclaveWatchdog firing';
  await eventually(() => {
    expect(notices.filter((notice) => notice === watchdog).length).toBeGreaterThan(1);
  }, patience);
  expect(new Set(notices)).toEqual(new Set([watchdog]));

  await gateway.kill();
  await eventually(() => {
    expect(notices).toContain('on-call ConclaveNoneReady firing');
    expect(notices).toContain('office ConclaveGatewayDown firing');
  }, patience);
  expect(notices.filter((notice) => notice.endsWith('resolved'))).toEqual([]);

  await using _again = await startGateway(env);
  await eventually(() => {
    expect(notices).toContain('on-call ConclaveNoneReady resolved');
    expect(notices).toContain('office ConclaveGatewayDown resolved');
  }, patience);
  const kinds = new Set(notices.map((notice) => notice.replace(/ \w+$/, '')));
  expect([...kinds].sort()).toEqual([
    'office ConclaveGatewayDown',
    'on-call ConclaveNoneReady',
    'watchdog ConclaveWatchdog',
  ]);
}, 240_000);
