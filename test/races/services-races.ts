import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Caller } from '../../src/core/caller.ts';
import { type Core, createCore } from '../../src/core/core.ts';
import type { RelayBackend, StoreBackend } from '../../src/ports/backend.ts';
import { parseUserId, type RoomId } from '../../src/protocol/ids.ts';
import { parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { joinInACrowd } from '../support/ports/join-in-a-crowd.ts';
import { type NodeRequests, requestsTo } from '../support/ports/node-requests.ts';
import { accepted, PreparedSends } from '../support/ports/prepared-send.ts';
import { limitsOff, roomNamed } from '../support/ports/service-world.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';

/** Two started nodes that share everything behind their ports. */
export interface BackendPair extends AsyncDisposable {
  readonly a: { readonly stores: StoreBackend; readonly relay: RelayBackend };
  readonly b: { readonly stores: StoreBackend; readonly relay: RelayBackend };
}

const WRITERS = 6;
const MESSAGES_EACH = 25;
const MOVERS = 6;
const MOVES_EACH = 8;

/** What the use cases promise, over real adapters: nothing acknowledged is lost, nobody reads what is not theirs. */
export function servicesRaces(name: string, open: () => Promise<BackendPair>): void {
  it(`on ${name}: writers, joiners and leavers on two nodes agree about every position`, {
    timeout: 120_000,
  }, async () => {
    await using pair = await open();
    const nodes = [nodeOn(pair.a), nodeOn(pair.b)].map(async (node) => {
      await node.core.start();
      return node;
    });
    const [a, b] = await Promise.all(nodes);
    if (a === undefined || b === undefined) throw new Error('there are two nodes');
    try {
      await race(pair, a, b);
    } finally {
      await Promise.all([a.core.close(), b.core.close()]);
    }
  });
}

interface RacingNode {
  readonly core: Core;
  readonly requests: NodeRequests;
}

function nodeOn({ stores, relay }: BackendPair['a']): RacingNode {
  const clock = { nowMs: () => Date.now() };
  const core = createCore({ stores, relay, limits: limitsOff, telemetry: silentTelemetry(), clock });
  return { core, requests: requestsTo(core) };
}

async function race({ a: { stores } }: BackendPair, a: RacingNode, b: RacingNode): Promise<void> {
  const name = roomNamed(`races${randomBytes(4).toString('hex')}`);
  const owner = await person(stores, 'owner');
  const { room } = accepted(await a.requests.create(owner, { name, hidden: false, retention: 1 })).info;
  const at = (index: number): RacingNode => (index % 2 === 0 ? a : b);
  const writers = await people(stores, WRITERS);
  await Promise.all(writers.map((caller, index) => joinInACrowd(at(index), caller, name)));
  const acknowledged: { readonly seq: number; readonly headerHash: Uint8Array }[] = [];
  const writing = writers.map(async (caller, index) => {
    const sends = new PreparedSends(caller);
    for (let number = 0; number < MESSAGES_EACH; ) {
      const record = await stores.rooms.byId(room);
      if (record === undefined) throw new Error('the room is there');
      const outcome = await at(index).requests.send(caller, sends.prepare(record, { number }));
      if ('refused' in outcome) {
        expect(outcome.refused).toBe('stale_roster');
        continue;
      }
      acknowledged.push(outcome);
      number += 1;
    }
  });
  const movers = await people(stores, MOVERS);
  const moving = movers.map(async (caller, index) => {
    for (let move = 0; move < MOVES_EACH; move += 1) {
      const { requests } = at(index + move);
      const outcome =
        move % 2 === 0 ? await requests.join(caller, { name }) : await requests.leave(caller, { room });
      // Too many at a time: the same move again.
      if ('refused' in outcome) {
        expect(outcome.refused).toBe('rate_limited');
        move -= 1;
      }
    }
  });
  const reading = readUntil(b, owner, room, () => acknowledged.length === WRITERS * MESSAGES_EACH);
  await Promise.all([...writing, ...moving]);
  const read = await reading;
  expect(new Set(acknowledged.map(({ seq }) => seq)).size).toBe(WRITERS * MESSAGES_EACH);
  expect(read).toEqual(acknowledged.map(({ seq }) => seq).sort((x, y) => x - y));
  await Promise.all(movers.map((caller) => expectOwnCopies(stores, caller, room, read.at(-1) ?? 0)));
}

/** Reads page by page while others write, as a client does; ends when all is written and read. */
async function readUntil(
  node: RacingNode,
  caller: Caller,
  room: RoomId,
  done: () => boolean,
): Promise<number[]> {
  const read: number[] = [];
  let after = 0;
  for (;;) {
    const wasDone = done();
    const page = accepted(await node.requests.history(caller, { room, after, limit: 20 }));
    read.push(...page.messages.map(({ seq }) => seq));
    after = page.through;
    if (wasDone && !page.more) return read;
  }
}

/** Everybody who moved is out at the end, and has copies only of what was sent to it behind its joining. */
async function expectOwnCopies(
  stores: StoreBackend,
  { user }: Caller,
  room: RoomId,
  last: number,
): Promise<void> {
  const record = await stores.rooms.byId(room);
  const changes = await stores.rooms.changes(room, 1, 1_000);
  expect(record?.members.some((member) => member.user === user)).toBe(false);
  const bounds = { after: 0, through: last, order: 'ascending', limit: last } as const;
  for (const row of await stores.messages.page(room, user, bounds)) {
    if (row.kind === 'nothing') continue;
    const parsed = parseMessageHeader(row.header);
    if (!parsed.ok) throw new Error('a header is stored that is none');
    const { rosterVersion } = parsed.header;
    const moves = changes?.filter(({ before, after }) => (before ?? after)?.user === user) ?? [];
    const latest = moves.findLast(({ version }) => version <= rosterVersion);
    expect(latest).toMatchObject({ kind: 'joined' });
    expect(row.seq).toBeGreaterThan(latest?.after?.joined ?? row.seq);
  }
}

async function people(stores: StoreBackend, count: number): Promise<readonly Caller[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => person(stores, `p${index}`)));
}

async function person(stores: StoreBackend, prefix: string): Promise<Caller> {
  const name = parseUserName(`${prefix}${randomBytes(5).toString('hex')}`);
  const user = parseUserId(new Uint8Array(randomBytes(16)));
  if (name === undefined || user === undefined) throw new Error('name and id are good');
  const identity = { document: new Uint8Array(randomBytes(16)), signatures: new Uint8Array(320) };
  const folded = foldName(name);
  await stores.identities.create({
    user,
    name,
    folded,
    sequence: 0,
    identity,
    createdAt: 1,
    closed: false,
    disabled: false,
  });
  return { user, name, session: user, address: '127.0.0.1', tokenIssuedAt: 1, tokenId: user };
}
