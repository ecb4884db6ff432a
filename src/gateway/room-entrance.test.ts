import { afterEach, describe, expect, it } from 'vitest';
import { enteredRooms } from '../../test/support/gateway/enter-reply.ts';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { openEmbeddedRelay } from '../adapters/embedded/open-embedded-relay.ts';
import { roomChannel } from '../core/publisher.ts';
import { RoomPresences } from '../core/room-presence.ts';
import type { CurrentRoom } from '../core/room-views.ts';
import { isRefusal } from '../protocol/error-reply.ts';
import type { OptionalFeature } from '../protocol/features.ts';
import { parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { parseRoomName, parseUserName } from '../protocol/names.ts';
import { parseOrigin } from '../protocol/origin.ts';
import { Call } from './dispatcher.ts';
import { LocalPresence } from './local-presence.ts';
import { LocalRooms } from './local-rooms.ts';
import { Flusher } from './outbound.ts';
import { RoomEntrance } from './room-entrance.ts';
import { OpenSession, Session } from './session.ts';

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

function allowed(room: RoomId, head: number): CurrentRoom {
  const name = known(parseRoomName('room'));
  const members = [{ user: ann, role: 'member' as const, identity: 0, joined: 0, since: 1 }];
  const settings = { name, hidden: false, retention: 0, password: { number: 0 } };
  return { view: { room, version: 1, floor: 1, members, ...settings }, head, epoch: 0 };
}

/** A node on a real relay; `currentOf` is what the core knows, call by call; undefined: no room of the user. */
async function setUp(
  currentOf: (rooms: readonly RoomId[], call: number) => Promise<readonly (CurrentRoom | undefined)[]>,
  disabledFeatures: readonly OptionalFeature[] = [],
) {
  const { telemetry } = recordingTelemetry();
  const relay = openEmbeddedRelay({ telemetry });
  await relay.start();
  closers.push(() => relay.close());
  const flusher = new Flusher(telemetry, 1 << 20);
  closers.push(() => flusher.close());
  const presence = new LocalPresence(relay.presence, { note() {} }, telemetry);
  closers.push(() => presence.close());
  const rooms = new LocalRooms(relay.broker, presence, telemetry);
  rooms.onPayload((local) => {
    local.activity += 1;
  });
  const presences = new RoomPresences(relay.presence);
  let calls = 0;
  const views = {
    currentOf: (asked: readonly RoomId[]) => {
      calls += 1;
      return currentOf(asked, calls);
    },
  };
  const entrance = new RoomEntrance({
    ...{ views, presences, rooms, presence },
    ...{ maxRoomsPerConnection: 2, disabledFeatures },
  });
  const host = {
    flusher,
    telemetry,
    sessionRates: { requests: 'off', frameBytes: 'off' },
    dispatcher: { frame() {}, turns: { replied() {}, ended() {} } },
    sessionClosed() {},
  } as const;
  const socket = new FakeSocket();
  const session = new Session(socket, '127.0.0.1', host);
  const name = known(parseUserName('ann'));
  const caller = { user: ann, name, session: '1', address: '', tokenIssuedAt: 0, tokenId: ann };
  const origin = known(parseOrigin('ws://localhost:1'));
  const open = new OpenSession(
    session,
    { origin, clientNonce: new Uint8Array(32), serverNonce: new Uint8Array(32) },
    caller,
  );
  session.state = open;
  const call = new Call(session, 1, 'enter', performance.now());
  const ask = async (asked: readonly RoomId[], batches = false) => {
    const reply = await entrance.enter(call, open, { rooms: asked, batches });
    if (isRefusal(reply)) return reply.refused;
    return enteredRooms(reply.frame(1)).map(({ room, error, info, presence }) => {
      return { room, error, head: info?.head, users: presence?.users?.map(({ user }) => user) };
    });
  };
  return { relay, rooms, session, socket, open, ask, calls: () => calls };
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
      if (call > 1) return asked.map(() => undefined);
      await relay.broker.publish(roomChannel(one), new Uint8Array(1));
      return asked.map((room) => allowed(room, 4));
    });
    expect(await ask([one])).toEqual([{ room: one, error: 8, head: undefined, users: undefined }]);
    expect(open.rooms).toEqual([]);
    expect(rooms.get(one)?.sessions() ?? []).toEqual([]);
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

  it.each([
    { disabled: [], messages: 1 },
    { disabled: ['batches' as const], messages: 2 },
  ])(
    'with batches makes $messages messages of two frames if $disabled is disabled',
    async ({ disabled, messages }) => {
      const { ask, open, socket } = await setUp(
        async (rooms) => rooms.map((room) => allowed(room, 4)),
        disabled,
      );
      await ask([one], true);
      const before = socket.frames.length;
      for (const frame of [Uint8Array.of(1), Uint8Array.of(2)]) open.outbox.pushWhole(frame);
      await expect.poll(() => Buffer.concat(socket.frames.slice(before)).length).toBe(2);
      expect(socket.frames.slice(before)).toHaveLength(messages);
    },
  );
});
