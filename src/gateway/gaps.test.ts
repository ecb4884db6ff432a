import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { issuedTo } from '../../test/support/gateway/issued-epoch.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { openEmbeddedRelay } from '../adapters/embedded/open-embedded-relay.ts';
import { roomChannel } from '../core/publisher.ts';
import { Watermarks } from '../core/room-sequence.ts';
import { encodeDeliver } from '../domain/envelope.ts';
import type { RoomView } from '../domain/roster.ts';
import { decodeServerFrame, type ServerEvent } from '../protocol/client-codec.ts';
import { idBytes, parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { parseRoomName } from '../protocol/names.ts';
import { GapWatch } from './gap-watch.ts';
import { LocalPresence } from './local-presence.ts';
import { RoomFeed } from './local-room.ts';
import { LocalRooms } from './local-rooms.ts';
import { MemberCheck } from './member-check.ts';
import { Flusher, Outbox } from './outbound.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function ids(): { room: RoomId; ann: UserId } {
  const [room, ann] = [parseRoomId('07'.repeat(16)), parseUserId('01'.repeat(16))];
  if (room === undefined || ann === undefined) throw new Error('the test needs ids');
  return { room, ann };
}
const { room, ann } = ids();

function viewWith(users: readonly UserId[], version: number): RoomView {
  const name = parseRoomName('Harbour');
  if (name === undefined) throw new Error('the test needs a name');
  const members = users.map((user) => ({ user, role: 'member' as const, identity: 0, joined: 0, since: 1 }));
  return { room, version, floor: 1, members, name, hidden: false, retention: 1, password: { number: 0 } };
}

/** A node of one session in one room, on a real relay. */
async function setUp() {
  const { telemetry } = recordingTelemetry();
  const relay = openEmbeddedRelay({ telemetry });
  await relay.start();
  closers.push(() => relay.close());
  const flusher = new Flusher(telemetry, 1 << 20);
  closers.push(() => flusher.close());
  const presence = new LocalPresence(relay.presence, { note() {} }, telemetry);
  const rooms = new LocalRooms(relay.broker, presence, telemetry);
  const watermarks = new Watermarks();
  const issued = vi.fn(async (_room: RoomId, number: number, _users: readonly UserId[]) =>
    issuedTo(number, [ann]),
  );
  const roomFeed = new RoomFeed({
    rooms,
    stores: { epochs: { issued } },
    watermarks,
    telemetry,
  });
  closers.push(() => roomFeed.close());
  const members: UserId[] = [ann];
  const views = {
    currentOf: async () => [{ view: viewWith(members, 2), head: 0, epoch: 0 }],
    recover: vi.fn(async () => undefined),
  };
  const userGone = vi.fn();
  const { broker, sequencer } = relay;
  const gapWatch = new GapWatch({
    broker,
    sequencer,
    rooms,
    roomFeed,
    controlFeed: { missed() {} },
    memberCheck: new MemberCheck(views, { userGone }, telemetry),
    views,
    telemetry,
  });
  closers.push(() => gapWatch.close());
  const local = await rooms.hold(room);
  const socket = new FakeSocket();
  const outbox = new Outbox(socket, flusher, { outboxOverflowed: () => undefined });
  local.add(
    { id: '1', user: ann, outbox, rooms: [local], drain: () => undefined },
    { version: 0, since: 0, suite: 1 },
  );
  const events = (): ServerEvent[] =>
    socket.frames.flatMap((frame) => {
      const decoded = decodeServerFrame(frame, () => undefined);
      return decoded.kind === 'event' ? [decoded.event] : [];
    });
  return { relay, rooms, local, gapWatch, events, views, watermarks, members, userGone, issued };
}

const next = { room, version: 1, seen: { seq: 0, version: 1, floor: 1 } };
const resync = (head?: number) => ({ name: 'resync', body: { room, ...(head !== undefined && { head }) } });

describe('what the broker may have lost', () => {
  it('envelopes of another version are a gap', async () => {
    const { relay, events } = await setUp();
    const other = new Uint8Array([99, 1, 2, 3]);
    await Promise.all(Array.from({ length: 5 }, () => relay.broker.publish(roomChannel(room), other)));
    await eventually(() => expect(events()).toEqual([resync()]));
  });

  it('a clock that is ahead of what came in, twice in a row, is a gap; a message on its way is not', async () => {
    const { relay, gapWatch, local, events } = await setUp();
    await relay.sequencer.rebuild(room, { seq: 0, version: 1, floor: 1, ceiling: 1_000 });
    await relay.sequencer.next(next);
    await gapWatch.checkClocks();
    expect(events()).toEqual([]);
    await gapWatch.checkClocks();
    await eventually(() => expect(events()).toEqual([resync(1)]));
    await gapWatch.checkClocks();
    await relay.sequencer.next(next);
    await gapWatch.checkClocks();
    const parts = { recipients: idBytes(ann), wraps: new Uint8Array(256), prefix: new Uint8Array([0x98]) };
    await relay.broker.publish(roomChannel(room), encodeDeliver({ seq: 2, publishedAt: 0, ...parts }));
    await eventually(() => expect(local.lastSeq).toBe(2));
    await gapWatch.checkClocks();
    expect(events().filter(({ name }) => name === 'resync').length).toBe(1);
  });
});

describe('a roster change that the broker lost', () => {
  it('is found by the clock, and takes out who is no member any more', async () => {
    const { relay, gapWatch, local, events, members, userGone } = await setUp();
    await relay.sequencer.rebuild(room, { seq: 0, version: 2, floor: 2, ceiling: 1_000 });
    local.lastVersion = 1;
    await gapWatch.checkClocks();
    expect(events()).toEqual([]);
    await gapWatch.checkClocks();
    await eventually(() => expect(events()).toEqual([resync(0)]));
    expect(userGone).not.toHaveBeenCalled();
    expect(local.lastVersion).toBe(2);
    members.length = 0;
    await relay.sequencer.raise(room, { version: 3, floor: 3 });
    await gapWatch.checkClocks();
    await gapWatch.checkClocks();
    expect(userGone).toHaveBeenCalledWith(room, ann, 'left');
  });
});

describe('an epoch whose notice the broker lost', () => {
  it('is read once the clock has named it twice, and told to whom it was made for', async () => {
    const { relay, gapWatch, events, issued } = await setUp();
    await relay.sequencer.rebuild(room, { seq: 0, version: 1, floor: 1, ceiling: 1_000, epoch: 4 });
    await gapWatch.checkClocks();
    expect(issued).not.toHaveBeenCalled();
    await gapWatch.checkClocks();
    await gapWatch.checkClocks();
    expect(issued.mock.calls).toEqual([[room, 4, [ann]]]);
    const told = { name: 'epoch', body: { epoch: { number: 4 } } };
    await eventually(() => expect(events().filter(({ name }) => name === 'epoch')).toMatchObject([told]));
  });
});

describe('the rooms of a node', () => {
  it('are received while someone holds them or is in, and not longer', async () => {
    const { relay, rooms, local } = await setUp();
    rooms.release(local);
    expect(rooms.get(room)).toBe(local);
    for (const session of [...local.sessions()]) local.remove(session);
    rooms.settle(local);
    await eventually(() => expect(rooms.get(room)).toBeUndefined());
    // Free again: a second handler of the same channel would be an error.
    await eventually(() => relay.broker.subscribe(roomChannel(room), () => undefined));
  });

  it('stay subscribed when someone enters while the last one leaves', async () => {
    const { rooms, local } = await setUp();
    for (const session of [...local.sessions()]) local.remove(session);
    rooms.release(local);
    const again = await rooms.hold(room);
    expect(rooms.get(room)).toBe(again);
  });

  it('are not held when the broker is away', async () => {
    const { relay, rooms } = await setUp();
    await relay.close();
    const other = parseRoomId('08'.repeat(16));
    if (other === undefined) throw new Error('the test needs an id');
    await expect(rooms.hold(other)).rejects.toMatchObject({ name: 'Unavailable' });
    expect(rooms.get(other)).toBeUndefined();
  });
});
