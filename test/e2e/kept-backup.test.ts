import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BoundedWebSocket } from '../../client/cli/bounded-web-socket.ts';
import { systemClock } from '../../client/sdk/connection/clock.ts';
import {
  type Clock,
  type ConclaveClient,
  createClient,
  memoryStorage,
  newAccountKeys,
} from '../../client/sdk/index.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { eventually } from '../support/eventually.ts';

let folder: string;
let gateway: GatewayProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-kept-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Longer than anything that a client does to stay connected. */
const LONG_MS = 40_000;

/** The machine's clock, but for what is due much later: a test runs that. */
class LateTasks implements Clock {
  readonly #waiting = new Map<symbol, { readonly ms: number; readonly run: () => void }>();

  readonly now = systemClock.now;
  readonly wallTime = systemClock.wallTime;
  readonly random = (): number => 1;

  schedule(ms: number, run: () => void): () => void {
    if (ms < LONG_MS) return systemClock.schedule(ms, run);
    const key = Symbol(String(ms));
    this.#waiting.set(key, { ms, run });
    return () => this.#waiting.delete(key);
  }

  /** Runs what is due within that time; there has to be something. */
  async runWithin(minutes: number): Promise<void> {
    const due = await eventually(() => {
      const found = [...this.#waiting].filter(([, { ms }]) => ms <= minutes * 60_000);
      return found.length > 0 ? found : expect.unreachable('nothing is due');
    });
    for (const [key, { run }] of due) {
      this.#waiting.delete(key);
      run();
    }
  }
}

async function registered(name: string, clock?: Clock): Promise<ConclaveClient> {
  const storage = memoryStorage(await newAccountKeys(name));
  const client = await createClient({
    ...{ server: gateway.url, storage, webSocket: BoundedWebSocket },
    ...(clock !== undefined && { clock }),
  });
  await client.register();
  return client;
}

describe('the backup of a client that stays connected', () => {
  it('is stored again a minute after something changed, and not when nothing did', async () => {
    const late = new LateTasks();
    const [alice, bob] = [await registered('alice', late), await registered('bob')];
    const versionOf = async (): Promise<number> => (await alice.backup.status()).stored?.version ?? 0;
    await late.runWithin(5);
    expect(await alice.backup.status()).toEqual({ state: 'none' });
    await alice.backup.make();
    expect(await versionOf()).toBe(1);
    // Met for the first time, and so pinned.
    await alice.safetyNumber((await bob.me()).user);
    await late.runWithin(1);
    await eventually(async () => expect(await versionOf()).toBe(2));
    await late.runWithin(4 * 60);
    await late.runWithin(4 * 60);
    expect(await versionOf()).toBe(2);
    await alice.close();
    await bob.close();
  });
});
