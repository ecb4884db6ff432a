import { afterEach, describe, expect, it } from 'vitest';
import { enteredRooms } from '../../test/support/gateway/enter-reply.ts';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { openEmbeddedRelay } from '../adapters/embedded/open-embedded-relay.ts';
import type { EnteredRoom } from '../core/api.ts';
import { RoomPresences } from '../core/room-presence.ts';
import type { RoomView } from '../domain/roster.ts';
import { roomChannel } from '../ports/broker.ts';
import { isRefusal, refuse } from '../protocol/error-reply.ts';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { parseRoomName, parseUserName } from '../protocol/names.ts';
import { parseOrigin } from '../protocol/origin.ts';
import { Call } from './call.ts';
import { Entering } from './entering.ts';
import { Flusher } from './flusher.ts';
import { LocalPresence } from './local-presence.ts';
import { LocalRooms } from './local-rooms.ts';
import { RoomMembership } from './room-membership.ts';
import { Session } from './session.ts';
import { OpenSession } from './session-state.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the test needs it');
  return value;
}

const ann: UserId = known(parseUserId('01'.repeat(16)));
const one: RoomId = known(parseRoomId('07'.repeat(16)));
const two: RoomId = known(parseRoomId('08'.repeat(16)));

function allowed(room: RoomId, head: number): EnteredRoom {
  const name = known(parseRoomName('room'));
  const password = { number: 0 };
  const view: RoomView = {
    room,
    name,
    hidden: false,
    retention: 0,
    password,
    version: 1,
    floor: 1,
    members: [],
  };
  const info = {
    room,
    name,
    role: 'member',
    joined: 0,
    version: 1,
    head,
    retention: 0,
    password: 0,
    hidden: false,
  } as const;
  return { room, view, info };
}

/** A node on a real relay; `enter` is what the use case answers, call by call. */
async function setUp(enter: (rooms: readonly RoomId[], call: number) => Promise<readonly EnteredRoom[]>) {
  const { telemetry } = recordingTelemetry();
  const relay = openEmbeddedRelay({ telemetry });
  await relay.start();
  closers.push(() => relay.close());
  const flusher = new Flusher(telemetry, 1 << 20);
  closers.push(() => flusher.close());
  const rooms = new LocalRooms(relay.broker, telemetry, (local) => {
    local.activity += 1;
  });
  const presence = new LocalPresence(relay.presence, { note() {} }, rooms, telemetry);
  closers.push(() => presence.close());
  const membership = new RoomMembership(rooms, presence);
  const presences = new RoomPresences(relay.presence);
  let calls = 0;
  const services = {
    enter: (_caller: unknown, asked: readonly RoomId[]) => {
      calls += 1;
      return enter(asked, calls);
    },
    presence: (room: RoomId, version: number) => presences.at(room, version),
  };
  const entering = new Entering({ rooms, membership, presence, services, maxRoomsPerConnection: 2 });
  const host = {
    flusher,
    telemetry,
    sessionRates: { requests: 'off', frameBytes: 'off' },
    frame() {},
    sessionClosed() {},
  } as const;
  const session = new Session(new FakeSocket(), '127.0.0.1', host);
  const name = known(parseUserName('ann'));
  const caller = { user: ann, name, session: '1', address: '', tokenIssuedAt: 0, tokenMark: ann };
  const origin = known(parseOrigin('ws://localhost:1'));
  const open = new OpenSession(
    session,
    { origin, clientNonce: new Uint8Array(32), serverNonce: new Uint8Array(32) },
    caller,
  );
  session.state = open;
  const call = new Call(session, 1, 'enter', performance.now());
  const ask = async (asked: readonly RoomId[]) => {
    const reply = await entering.enter(call, open, asked);
    if (isRefusal(reply)) return reply.refused;
    return enteredRooms(reply.frame(1)).map(({ room, error, info, presence }) => {
      return { room, error, head: info?.head, users: presence?.users?.map(({ user }) => user) };
    });
  };
  return { relay, rooms, session, open, ask, calls: () => calls };
}

describe('entering', () => {
  it('reads once when nothing comes in meanwhile, and counts the session as present', async () => {
    const { ask, calls, open, relay } = await setUp(async (rooms) => rooms.map((room) => allowed(room, 4)));
    expect(await ask([one, one, two])).toEqual([
      { room: one, error: undefined, head: 4, users: [ann] },
      { room: two, error: undefined, head: 4, users: [ann] },
    ]);
    expect(calls()).toBe(1);
    expect(open.rooms.map(({ room, lastSeq }) => [room, lastSeq])).toEqual([
      [one, 4],
      [two, 4],
    ]);
    expect(await relay.presence.inRooms([one], 10)).toMatchObject([{ online: 1, users: [{ user: ann }] }]);
  });

  it('reads again, with the session in the room already, when something came in between', async () => {
    const { ask, calls, relay, open } = await setUp(async (rooms, call) => {
      if (call === 1) await relay.broker.publish(roomChannel(one), new Uint8Array(1));
      return rooms.map((room) => allowed(room, 4 + call));
    });
    expect(await ask([one])).toEqual([{ room: one, error: undefined, head: 6, users: [ann] }]);
    expect(calls()).toBe(2);
    expect(open.rooms.length).toBe(1);
  });

  it('takes the session out again when the membership ended in between', async () => {
    const { ask, relay, open, rooms } = await setUp(async (asked, call) => {
      if (call > 1) return asked.map((room) => ({ room, refusal: refuse('not_a_member') }));
      await relay.broker.publish(roomChannel(one), new Uint8Array(1));
      return asked.map((room) => allowed(room, 4));
    });
    expect(await ask([one])).toEqual([{ room: one, error: 8, head: undefined, users: undefined }]);
    expect(open.rooms).toEqual([]);
    expect(rooms.get(one)?.size ?? 0).toBe(0);
  });

  it('leaves nothing behind when the connection ends meanwhile', async () => {
    const { ask, session, rooms, open } = await setUp(async (asked) => {
      session.closed(1006);
      return asked.map((room) => allowed(room, 4));
    });
    expect(await ask([one])).toEqual([]);
    expect(open.rooms).toEqual([]);
    await expect.poll(() => rooms.get(one)).toBeUndefined();
  });

  it('of more rooms than a connection may have is refused as a whole', async () => {
    const { ask, calls } = await setUp(async (rooms) => rooms.map((room) => allowed(room, 4)));
    expect(await ask([one, two, known(parseRoomId('09'.repeat(16)))])).toBe('too_large');
    expect(calls()).toBe(0);
  });
});
