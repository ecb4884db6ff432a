import { afterEach, describe, expect, it } from 'vitest';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import type { DeliverEnvelope } from '../domain/envelope.ts';
import { type CloseName, closeCodes } from '../protocol/codes.ts';
import { idBytes, parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { LocalRoom, type RoomSession, type Stay } from './local-room.ts';
import { Flusher, Outbox } from './outbound.ts';

function room7(): RoomId {
  const id = parseRoomId('07'.repeat(16));
  if (id === undefined) throw new Error('the test needs an id');
  return id;
}
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

function user(number: number): UserId {
  const id = parseUserId(number.toString(16).padStart(32, '0'));
  if (id === undefined) throw new Error('the test needs ids');
  return id;
}

function envelope(seq: number, users: readonly UserId[]): DeliverEnvelope {
  const wraps = new Uint8Array(users.length * 256);
  users.forEach((id, i) => {
    wraps.fill(Number.parseInt(id.slice(-2), 16), i * 256, (i + 1) * 256);
  });
  const recipients = Buffer.concat(users.map((id) => idBytes(id)));
  const prefixAndWraps = Buffer.concat([new Uint8Array([0xaa, seq]), wraps]);
  return { kind: 'deliver', seq, publishedAt: 0, recipients, prefixAndWraps, prefixBytes: 2 };
}

const stay: Stay = { version: 0, since: 0, suite: 1 };

function setUp() {
  const flusher = new Flusher(recordingTelemetry().telemetry, 1 << 20);
  closers.push(() => flusher.close());
  const room = new LocalRoom(room7());
  const sockets = new Map<RoomSession, FakeSocket>();
  const session = (id: UserId): RoomSession => {
    const socket = new FakeSocket();
    const outbox = new Outbox(socket, flusher, { outboxOverflowed() {} });
    const made = {
      id,
      user: id,
      outbox,
      rooms: [],
      drain: (name: CloseName) => socket.end(closeCodes[name].code, name),
    };
    sockets.set(made, socket);
    return made;
  };
  const received = (of: RoomSession): string[] => {
    of.outbox.flush();
    return (sockets.get(of)?.frames ?? []).map(
      (frame) => `${frame[1]}:${frame[2]}:${frame.at(-1)}:${frame.length}`,
    );
  };
  return { room, session, received };
}

describe('a local room', () => {
  it('gives each session the copy of its user, and none to who is not in the table', () => {
    const { room, session, received } = setUp();
    const [ann, bob, bobs, eve] = [session(user(1)), session(user(2)), session(user(2)), session(user(3))];
    for (const each of [eve, bobs, ann, bob]) room.add(each, stay);
    expect(room.deliver(envelope(5, [user(1), user(2)]))).toBe(3);
    expect([ann, bob, bobs, eve].map(received)).toEqual([['5:1:1:258'], ['5:2:2:258'], ['5:2:2:258'], []]);
  });

  it('follows a table that changed, and sessions that came and went', () => {
    const { room, session, received } = setUp();
    const [ann, bob] = [session(user(1)), session(user(2))];
    room.add(ann, stay);
    room.deliver(envelope(1, [user(1), user(2)]));
    room.add(bob, stay);
    room.deliver(envelope(2, [user(1), user(2)]));
    room.deliver(envelope(3, [user(2), user(9)]));
    room.remove(ann);
    room.deliver(envelope(4, [user(1), user(2)]));
    expect(received(ann)).toEqual(['1:1:1:258', '2:1:1:258']);
    expect(received(bob)).toEqual(['2:2:2:258', '3:2:2:258', '4:2:2:258']);
  });

  it('remembers the highest position, and counts the sessions of a user', () => {
    const { room, session } = setUp();
    const [ann, anns] = [session(user(1)), session(user(1))];
    room.add(ann, stay);
    room.add(anns, stay);
    room.add(anns, stay);
    room.deliver(envelope(8, [user(1)]));
    room.deliver(envelope(6, [user(1)]));
    expect(room.lastSeq).toBe(8);
    expect(room.sessionsOf(user(1))).toHaveLength(2);
    expect(room.remove(ann)).toBe(true);
    expect(room.remove(ann)).toBe(false);
    expect(room.sessions()).toHaveLength(1);
  });

  it('tells sessions of before a membership ended from those of after it began again', () => {
    const { room, session } = setUp();
    const [early, late] = [session(user(1)), session(user(1))];
    room.add(early, { ...stay, version: 3 });
    room.add(late, { ...stay, version: 7 });
    expect(room.sessionsOf(user(1), 5)).toEqual([early]);
    // It entered again since.
    room.add(early, { ...stay, version: 8 });
    expect(room.sessionsOf(user(1), 5)).toEqual([]);
    expect(room.sessionsOf(user(1))).toHaveLength(2);
  });

  it('tells an event to everyone', () => {
    const { room, session, received } = setUp();
    const [ann, bob] = [session(user(1)), session(user(2))];
    room.add(ann, stay);
    room.add(bob, stay);
    room.broadcast(new Uint8Array([1, 2, 3]));
    expect([received(ann), received(bob)]).toEqual([['2:3:3:3'], ['2:3:3:3']]);
  });
});
