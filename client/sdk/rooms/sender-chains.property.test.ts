import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMessageId, parseRoomId, parseUserId } from '../../../src/protocol/ids.ts';
import { type ChainCopy, PageReader } from '../../../test/support/sdk/page-reader.ts';
import { systemClock } from '../connection/clock.ts';
import { MemoryState } from '../storage/memory-state.ts';
import { type HeldChain, type OwnLook, SenderChains } from './sender-chains.ts';

const HOUR_MS = 3_600_000;
const RETENTION_DAYS = 2;
const room = parseRoomId('00'.repeat(16)) ?? expect.unreachable();
const me = parseUserId('01'.repeat(16)) ?? expect.unreachable();

type Sealed = Omit<ChainCopy, 'at'>;

/** One room of an honest server, whose clock of positions may be lost. */
class HonestServer {
  readonly messages: ChainCopy[] = [];
  /** What processes sent that are gone: it may still arrive. */
  readonly late: Sealed[] = [];
  head = 0;
  now = 0;

  post(sealed: Sealed): ChainCopy {
    this.head += 1;
    const { name, entry } = sealed;
    const message = { name, entry: { ...entry, position: this.head }, at: this.now };
    this.messages.push(message);
    return message;
  }

  alive(): readonly ChainCopy[] {
    return this.messages.filter(({ at }) => at > this.now - RETENTION_DAYS * 24 * HOUR_MS);
  }
}

/** A running client of one profile: what it is about to do. */
interface Process {
  readonly senders: SenderChains;
  readonly holder: string;
  held?: HeldChain;
  sealed?: Sealed;
  stored?: ChainCopy | undefined;
}

class World {
  readonly server = new HonestServer();
  readonly reader = new PageReader(room);
  readonly #stores: boolean;
  readonly #running = new Set<string>();
  #state = new MemoryState();
  #own = new PageReader(room);
  #copy = 0;
  #started = 0;
  #sealed = 0;
  #backup: readonly { readonly key: string; readonly value: Uint8Array }[] = [];
  #backedUpAt = 0;
  #processes: Process[] = [];
  #next = 1;

  constructor(stores: boolean) {
    this.#stores = stores;
    this.#processes = [this.#start(), this.#start(), this.#start()];
  }

  process(who: number): Process {
    return this.#processes[who % this.#processes.length] ?? expect.unreachable();
  }

  async begin(process: Process): Promise<void> {
    const { server } = this;
    const look: OwnLook = {
      headAtEntry: server.head,
      find: async (after, isSought) => ({
        found:
          this.#stores &&
          server.alive().some(({ name, entry }) => entry.position > after && isSought({ ...name, ...entry })),
        through: server.head,
      }),
    };
    process.held ??= await process.senders.take(room, look);
  }

  seal(process: Process): void {
    if (process.held === undefined || process.sealed !== undefined) return;
    const { chain, number, previousHash } = process.held.own;
    this.#sealed += 1;
    const messageId = parseMessageId(this.#sealed.toString(16).padStart(32, '0')) ?? expect.unreachable();
    const headerHash = new Uint8Array(createHash('sha256').update(messageId).digest());
    process.sealed = {
      name: { sender: me, chain },
      entry: { position: 0, number, messageId, headerHash, previousHash, unstored: false },
    };
  }

  arrive(process: Process): void {
    if (process.sealed !== undefined && process.stored === undefined)
      process.stored = this.server.post(process.sealed);
  }

  /** An answer; without one, the message is given up. */
  async answer(process: Process, isHeard: boolean): Promise<void> {
    const { held, sealed, stored } = process;
    if (held === undefined || sealed === undefined) return;
    if (isHeard && stored !== undefined)
      await held.acknowledged(stored.entry.position, stored.entry.headerHash);
    else if (!isHeard) {
      if (stored === undefined) this.server.late.push(sealed);
      await held.leave();
    }
    // Heard, and not stored: it was refused, and its number is free.
    delete process.sealed;
    delete process.stored;
  }

  async end(process: Process): Promise<void> {
    if (process.sealed !== undefined) return;
    await process.held?.giveBack();
    delete process.held;
  }

  kill(who: number): void {
    const process = this.process(who);
    if (process.sealed !== undefined && process.stored === undefined) this.server.late.push(process.sealed);
    this.#running.delete(process.holder);
    this.#processes[who % this.#processes.length] = this.#start();
  }

  arriveLate(count: number): void {
    for (const sealed of this.server.late.splice(0, count)) this.server.post(sealed);
  }

  async backUp(): Promise<void> {
    this.#backedUpAt = this.server.now;
    this.#backup = await this.#state.list('sender-chains');
  }

  /** Puts the backup in the place of the profile: with the files of old, or with all of the machine. */
  async restore(isWholeMachine: boolean): Promise<void> {
    for (const who of this.#processes.keys()) this.kill(who);
    this.arriveLate(Number.POSITIVE_INFINITY);
    // What has expired, or was never stored, tells a machine that was put back nothing.
    const isShown = this.#stores && this.server.now - this.#backedUpAt < RETENTION_DAYS * 24 * HOUR_MS;
    if (!isWholeMachine || !isShown) this.#copy += 1;
    this.#state = new MemoryState();
    this.#own = new PageReader(room);
    for (const { key, value } of this.#backup)
      await this.#state.update('sender-chains', key, () => ({ value, result: undefined }));
    this.#processes = this.#processes.map(() => this.#start());
  }

  async readOwn(): Promise<void> {
    await this.#read(this.#own, 1, this.server.head);
  }

  async read(from: number | undefined, size: number): Promise<void> {
    const first = from ?? this.#next;
    const through = Math.min(first + size - 1, this.server.head);
    if (through >= first) await this.#read(this.reader, first, through);
    this.#next = Math.max(this.#next, through + 1);
  }

  async #read(reader: PageReader, from: number, through: number): Promise<void> {
    const retention = this.#stores ? RETENTION_DAYS : 0;
    const aliveAfter = this.#stores
      ? this.server.now - RETENTION_DAYS * 24 * HOUR_MS + HOUR_MS
      : Number.NEGATIVE_INFINITY;
    const copies = this.server
      .alive()
      .filter(({ entry }) => entry.position >= from && entry.position <= through);
    await reader.open(copies, { from, through, retention, aliveAfter }, 0);
  }

  #start(): Process {
    this.#started += 1;
    const holder = `process ${this.#started}`;
    this.#running.add(holder);
    const sharing = { holder, mayRun: (name: string) => this.#running.has(name), copy: `${this.#copy}` };
    const { chains } = this.#own;
    return {
      holder,
      senders: new SenderChains({
        state: this.#state,
        chains,
        sharing,
        clock: systemClock,
        account: { user: me },
      }),
    };
  }
}

type Act = (world: World, who: number, amount: number) => unknown;

const sendsWell: Act = async (world, who) => {
  const process = world.process(who);
  await world.begin(process);
  world.seal(process);
  world.arrive(process);
  await world.answer(process, true);
};

const acts: readonly Act[] = [
  ...Array.from({ length: 3 }, () => sendsWell),
  async (world, who) => {
    await sendsWell(world, who, 0);
    await world.end(world.process(who));
  },
  (world, who) => world.begin(world.process(who)),
  (world, who) => world.seal(world.process(who)),
  (world, who) => world.arrive(world.process(who)),
  (world, who) => world.answer(world.process(who), true),
  (world, who) => world.answer(world.process(who), false),
  (world, who) => world.end(world.process(who)),
  (world, who) => world.kill(who),
  (world, _, amount) => world.arriveLate(amount % 3),
  (world) => world.backUp(),
  (world, _, amount) => world.restore(amount % 2 === 0),
  (world) => world.readOwn(),
  (world, _, amount) => world.read(undefined, 1 + (amount % 9)),
  (world, _, amount) => world.read(1 + (amount % 40), 1 + (amount % 25)),
  (world) => world.reader.restart(),
  (world, _, amount) => {
    world.server.head += amount % 50;
  },
  (world, _, amount) => {
    world.server.now += (amount % 13) * HOUR_MS;
  },
];

async function play(stores: boolean, steps: readonly (readonly [number, number, number])[]): Promise<World> {
  const world = new World(stores);
  for (const [act, who, amount] of steps) await acts[act % acts.length]?.(world, who, amount);
  world.arriveLate(Number.POSITIVE_INFINITY);
  await world.read(1, world.server.head);
  return world;
}

test.each([
  ['that stores messages', true],
  ['that stores nothing', false],
])(
  'in a room %s no number is used twice and an honest server causes no mark, whatever dies, is late or is put back',
  async (_, stores) => {
    let [sent, continued] = [0, 0];
    const step = fc.tuple(fc.nat(acts.length - 1), fc.nat(2), fc.nat(200));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 100 }), async (steps) => {
        const { server, reader } = await play(stores, steps);
        const places = server.messages.map(({ name, entry }) => `${name.chain} ${entry.number}`);
        expect(new Set(places).size).toBe(places.length);
        expect(reader.gaps).toEqual([]);
        sent += places.length;
        continued += server.messages.filter(({ entry }) => entry.number > 0).length;
      }),
      { numRuns: 1_000 },
    );
    // It says something only where chains go on.
    expect(sent).toBeGreaterThan(5_000);
    expect(continued).toBeGreaterThan(sent / 3);
  },
  60_000,
);
