import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRoomId } from '../../../src/protocol/ids.ts';
import type { Seen } from '../../../src/protocol/layouts/message-header.ts';
import { MemoryChainStore } from '../../crypto/memory-chain-store.ts';
import { isContradicted } from '../../crypto/order-claims.ts';
import { StoringVersions } from './storing-versions.ts';

const room = parseRoomId(new Uint8Array(16)) ?? expect.unreachable();

interface Posted {
  readonly position: number;
  readonly headerHash: Uint8Array;
  readonly seen: Seen;
  readonly version: number;
}
type Told =
  | { readonly kind: 'message'; readonly message: Posted }
  | { readonly kind: 'settings'; readonly version: number; readonly retention: number }
  | { readonly kind: 'members'; readonly version: number };

/**
 * What an honest server does to a room, as bad as it may get: positions that jump, roster versions that go by, copies that expire,
 * events that are lost or come in another order, and, while nothing is stored, positions that are given twice.
 */
class HonestServer {
  retention = 30;
  version = 1;
  readonly stored: Posted[] = [];
  readonly clients: Client[] = [];
  #floor = 1;
  #head = 0;
  #lastPlaced = 0;
  /** Where the present retention began. */
  #eraFrom = 0;
  #made = 0;

  post({ seen, version }: Pick<Posted, 'seen' | 'version'>): boolean {
    if (version < this.#floor) return false;
    this.#head += 1;
    this.#lastPlaced = this.#head;
    this.#made += 1;
    const headerHash = new Uint8Array(new Uint32Array([this.#made]).buffer);
    const message = { position: this.#head, headerHash, seen, version };
    if (this.retention > 0) this.stored.push(message);
    this.#tell({ kind: 'message', message });
    return true;
  }

  setRetention(days: number): void {
    if (days === this.retention) return;
    this.retention = days;
    this.version += 1;
    this.#floor = this.version;
    this.#eraFrom = Math.max(this.#eraFrom, this.#head);
    if (days === 0) this.stored.length = 0;
    this.#tell({ kind: 'settings', version: this.version, retention: days });
  }

  changeMembers(): void {
    this.version += 1;
    this.#tell({ kind: 'members', version: this.version });
  }

  /** The clock was lost, and rebuilt at its ceiling. */
  flush(by: number): void {
    this.#head += by;
  }

  /** A replica that lags took over. What is stored keeps its position: nodes tell the clock what they have seen. */
  failover(by: number): void {
    if (this.retention === 0) this.#head = Math.max(this.#head - by, this.#eraFrom);
    else this.#head = Math.max(this.#head - by, this.#lastPlaced, this.#eraFrom);
  }

  expire(count: number): void {
    this.stored.splice(0, count);
  }

  #tell(told: Told): void {
    for (const { queue } of this.clients) queue.push(told);
  }
}

/** One process of a profile; profiles may have several, which share a store. */
class Client {
  readonly queue: Told[] = [];
  readonly #storing = new StoringVersions();
  readonly #server: HonestServer;
  readonly #store: MemoryChainStore;
  #joined = 0;
  #sealed: Pick<Posted, 'seen' | 'version'> | undefined;
  marks = 0;
  compared = 0;

  constructor(server: HonestServer, store: MemoryChainStore) {
    this.#server = server;
    this.#store = store;
    server.clients.push(this);
    this.reconnect();
  }

  reconnect(): void {
    this.queue.length = 0;
    this.#storing.entered(this.#server.version, this.#server.retention);
  }

  joinAgain(): void {
    this.#joined = this.#server.stored.at(-1)?.position ?? 0;
  }

  async seal(): Promise<void> {
    const seen = (await this.#store.lastOpened(room)) ?? { position: 0, headerHash: new Uint8Array(0) };
    this.#sealed = { seen, version: this.#server.version };
  }

  async post(): Promise<void> {
    if (this.#sealed === undefined) await this.seal();
    if (this.#sealed !== undefined) this.#server.post(this.#sealed);
    this.#sealed = undefined;
  }

  /** The next of what it was told; `ahead`: so many that were told before come later. */
  async take(ahead = 0): Promise<void> {
    const [told] = this.queue.splice(ahead, 1);
    if (told?.kind === 'settings') this.#storing.settings(told.version, told.retention);
    if (told?.kind === 'members') this.#storing.members(told.version);
    if (told?.kind === 'message')
      await this.#open(told.message, this.#storing.stores(told.message.version) === true);
  }

  async readHistory(start: number, count: number, backwards: boolean): Promise<void> {
    const page = this.#server.stored.filter(({ position }) => position > this.#joined);
    const part = page.slice(start % (page.length + 1)).slice(0, count);
    for (const message of backwards ? part.reverse() : part) await this.#open(message, true);
  }

  async forget(before: number): Promise<void> {
    await this.#store.forget(room, before);
  }

  async #open({ position, headerHash, seen }: Posted, stored: boolean): Promise<void> {
    await this.#store.transaction(room, (_, opened) => {
      if (isContradicted(opened, { position, headerHash, seen, stored })) this.marks += 1;
      if (stored && seen.position > 0 && opened.at(seen.position) !== undefined) this.compared += 1;
    });
  }
}

type Step = readonly [act: number, who: number, amount: number];

async function play(steps: readonly Step[]): Promise<{ readonly marks: number; readonly compared: number }> {
  const server = new HonestServer();
  const [shared, own, other] = [new MemoryChainStore(), new MemoryChainStore(), new MemoryChainStore()];
  const clients = [shared, shared, own, other].map((store) => new Client(server, store));
  for (const [act, who, amount] of steps) {
    const client = clients[who % clients.length];
    if (client !== undefined) await acts[act % acts.length]?.(server, client, amount);
  }
  const sum = (of: 'marks' | 'compared'): number => clients.reduce((total, client) => total + client[of], 0);
  return { marks: sum('marks'), compared: sum('compared') };
}

const acts: ReadonlyArray<(server: HonestServer, client: Client, amount: number) => unknown> = [
  // More often than all that goes wrong.
  ...Array.from({ length: 4 }, () => (_: HonestServer, client: Client) => client.post()),
  ...Array.from({ length: 6 }, () => async (_: HonestServer, client: Client, amount: number) => {
    for (let i = 0; i <= amount % 8; i += 1) await client.take();
  }),
  (_, client) => client.seal(),
  (_, client, amount) => client.take(1 + (amount % 6)),
  (_, client, amount) => client.take(1 + (amount % 20)),
  (_, client, amount) => client.readHistory(amount, 1 + (amount % 7), amount % 2 === 0),
  (_, client, amount) => client.readHistory(amount >> 3, 20, amount % 2 === 0),
  (_, client) => client.reconnect(),
  (_, client) => client.joinAgain(),
  (_, client) => void client.queue.shift(),
  (_, client, amount) => client.forget(amount),
  (server) => server.changeMembers(),
  (server, _, amount) => server.setRetention(amount % 3 === 0 ? 0 : 30),
  (server, _, amount) => server.flush(amount),
  (server, _, amount) => server.failover(amount % 9),
  (server, _, amount) => server.expire(amount % 5),
];

test('an honest server never causes a mark, whatever is lost, late, read twice or in any order', async () => {
  let compared = 0;
  const step = fc.tuple(fc.nat(acts.length - 1), fc.nat(3), fc.nat(200));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 150 }), async (steps) => {
      const played = await play(steps);
      compared += played.compared;
      expect(played.marks).toBe(0);
    }),
    { numRuns: 3_000 },
  );
  // It says something only where claims met what was opened.
  expect(compared).toBeGreaterThan(20_000);
});
