import { expect } from 'vitest';
import type { CreateOptions, Room } from '../../../client/sdk/index.ts';
import { eventually, quickestWithin } from '../eventually.ts';
import { Oracle } from './oracle.ts';
import { PATIENCE_MS } from './patience.ts';
import type { Device, People } from './people.ts';
import type { Refused } from './raw-session.ts';

export interface Conversation {
  readonly oracle: Oracle;
  /** Each person's room, by the person's name. */
  readonly rooms: Map<string, Room>;
}

/** Everybody enters the room and reads it: the first makes it, the others join. */
export async function gather(
  room: string,
  devices: readonly Device[],
  options: CreateOptions = {},
): Promise<Conversation> {
  const oracle = new Oracle();
  const rooms = new Map<string, Room>();
  for (const { client, name } of devices) {
    await (rooms.size === 0 ? client.create(room, options) : client.join(room));
    const entered = await client.room(room);
    rooms.set(name, entered);
    oracle.follow(entered, name);
  }
  return { oracle, rooms };
}

/** Everybody says so many things at the same time; all of it reaches all. */
export async function talkAllAtOnce({ oracle, rooms }: Conversation, messagesEach: number): Promise<void> {
  const talk = async ([name, room]: readonly [string, Room]): Promise<void> => {
    for (let i = 0; i < messagesEach; i += 1) await oracle.say(room, name);
  };
  await Promise.all([...rooms].map(talk));
  await oracle.verify();
}

/** One device registered on each of these gateways, in turn. */
export function registerAll(
  people: People,
  names: readonly string[],
  urls: readonly string[],
): Promise<readonly Device[]> {
  return Promise.all(names.map((name, i) => people.register(name, urls[i % urls.length] ?? '')));
}

/** What the wire carried to these devices: the same message for all, and for each a wrap that nobody else got. */
export function expectOwnCopies(room: Room, devices: readonly Device[]): void {
  const copies = devices.map(({ wire }) => deliveries(wire.events, room));
  const [first] = copies;
  expect(first?.size).toBeGreaterThan(0);
  for (const [seq, { header, ciphertext }] of first ?? []) {
    const same = copies.map((perSeq) => perSeq.get(seq));
    for (const copy of same) expect(copy).toMatchObject({ header, ciphertext });
    const wraps = same.map((copy) => Buffer.from(copy?.wrap ?? []).toString('hex'));
    expect(wraps.every((wrap) => wrap.length === 512)).toBe(true);
    expect(new Set(wraps).size).toBe(devices.length);
  }
}

/** Waits until so many are online in the room, as each of its readers is told. */
export async function untilOnline(
  rooms: Iterable<Room>,
  count: number,
  deadlineMs = PATIENCE_MS,
): Promise<void> {
  const all = [...rooms];
  await eventually(() => expect(all.map(({ online }) => online)).toEqual(all.map(() => count)), {
    deadlineMs: deadlineMs,
    pauseMs: 20,
  });
}

/** Every answer is `unavailable`, and comes within the half second that a gateway takes at most. */
export async function expectUnavailable(ask: () => Promise<Refused>): Promise<void> {
  await quickestWithin(500, async () => {
    const { code, ms } = await ask();
    expect(code).toBe('unavailable');
    return ms;
  });
}

/** Of all connections that ended so far; on a busy machine a registration may take more than one. */
export function closesOf(devices: readonly Device[]): readonly number[] {
  return devices.flatMap(({ wire }) => wire.closeCodes);
}

type Copy = { readonly header: Uint8Array; readonly ciphertext: Uint8Array; readonly wrap: Uint8Array };

function deliveries(events: Device['wire']['events'], room: Room): ReadonlyMap<number, Copy> {
  return new Map(
    events.flatMap((event) =>
      event.name === 'deliver' && event.body.room === room.id
        ? [[event.body.message.seq, event.body.message] as const]
        : [],
    ),
  );
}
