import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LiveGateway, startLiveGateway } from '../gateway/live-gateway.ts';
import { type CommandOptions, command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { quickestWithin } from '../support/eventually.ts';
import { ListeningServer } from '../support/hostile/listening-server.ts';

let folder: string;
let gateway: LiveGateway;
beforeAll(async () => {
  gateway = await startLiveGateway();
  folder = await mkdtemp(join(tmpdir(), 'conclave-prekeys-'));
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Knows somebody, who has a room, and none of their prekeys. */
let server: ListeningServer;
let profiles = 0;
beforeEach(async () => {
  server = await ListeningServer.before(gateway.url);
  server.offer(undefined);
  profiles += 1;
  expect((await conclave(['register', `ann${profiles}`])).code).toBe(0);
  expect((await conclave(['create', `Lobby${profiles}`])).code).toBe(0);
  server.offer(['prekeys']);
  return () => server[Symbol.asyncDispose]();
});

const conclave = (args: readonly string[], options?: CommandOptions): Promise<CliResult> =>
  command(
    ['--server', server.url, '--profile', join(folder, `${profiles}`), '--no-passphrase', '--json', ...args],
    options,
  );

describe('conclave send, by an account that has published no prekeys,', () => {
  it('publishes them before it ends', async () => {
    const { code, json } = await conclave(['send', `Lobby${profiles}`, 'hello']);
    expect([code, json]).toMatchObject([0, [{ type: 'sent' }]]);
    expect(server.bodies('prekey').at(-1)?.prekeys).toHaveLength(9);
  });

  it('ends at once when it is interrupted while a server does not answer them', async () => {
    await quickestWithin(1_000, async () => {
      const interrupt = new AbortController();
      let from = 0;
      server.intercept = ({ name }) => {
        if (name !== 'prekey') return undefined;
        from = performance.now();
        interrupt.abort();
        return 'silence';
      };
      await conclave(['send', `Lobby${profiles}`, 'hello'], { interrupted: interrupt.signal });
      return performance.now() - from;
    });
  });

  it('ends within its --timeout when a server does not answer them, and has sent its message', async () => {
    server.intercept = ({ name }) => (name === 'prekey' ? 'silence' : undefined);
    await quickestWithin(1_900, async () => {
      const from = performance.now();
      const { code } = await conclave(['--timeout', '1', 'send', `Lobby${profiles}`, 'hello']);
      return code === 0 ? performance.now() - from : Number.POSITIVE_INFINITY;
    });
  });
});
