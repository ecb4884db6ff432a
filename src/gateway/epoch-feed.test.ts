import { afterEach, describe, expect, it } from 'vitest';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { issuedTo } from '../../test/support/gateway/issued-epoch.ts';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import { present } from '../../test/support/protocol/arbitraries.ts';
import { Watermarks } from '../core/room-sequence.ts';
import { encodeNotice, encodeShared } from '../domain/envelope.ts';
import type { IssuedEpoch } from '../ports/epoch-store.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { decodeServerFrame } from '../protocol/client-codec.ts';
import { parseRoomId, parseUserId, type UserId } from '../protocol/ids.ts';
import { deliverPrefix } from '../protocol/server-codec.ts';
import { HELD_PAYLOADS_MAX } from './epoch-feed.ts';
import { LocalRoom, RoomFeed } from './local-room.ts';
import { Flusher, Outbox } from './outbound.ts';

const room = present(parseRoomId('07'.repeat(16)));
const user = (digit: number): UserId => present(parseUserId(`${digit}`.repeat(32)));
const [ann, bob, eve] = [user(1), user(2), user(3)];

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

function setUp() {
  const { telemetry } = recordingTelemetry();
  const flusher = new Flusher(telemetry, 1 << 24);
  closers.push(() => flusher.close());
  const readings: { readonly users: readonly UserId[]; readonly end: PromiseWithResolvers<IssuedEpoch> }[] =
    [];
  const gone: UserId[] = [];
  const feed = new RoomFeed({
    rooms: {
      onPayload() {},
      userGone: (_room, id) => {
        gone.push(id);
        for (const session of local.sessionsOf(id)) local.remove(session);
      },
      roomGone() {},
    },
    stores: {
      epochs: {
        issued: (_room, _number, users) => {
          const end = withResolvers<IssuedEpoch>();
          readings.push({ users, end });
          return end.promise;
        },
      },
    },
    watermarks: new Watermarks(),
    telemetry,
  });
  closers.push(() => feed.close());
  const local = new LocalRoom(room, (own, payload) => feed.payload(own, payload));
  /** `since`: the roster version at which the user joined. */
  const enter = (id: UserId, since: number) => {
    const socket = new FakeSocket();
    const outbox = new Outbox(socket, flusher, { outboxOverflowed: () => undefined });
    local.add(
      { id, user: id, outbox, rooms: [local], drain: () => undefined },
      { version: since, since, suite: 2 },
    );
    return (): readonly string[] => {
      outbox.flush();
      return socket.frames.map((frame) => {
        const decoded = decodeServerFrame(frame, () => undefined);
        if (decoded.kind !== 'event') return decoded.kind;
        const { event } = decoded;
        if (event.name === 'deliver') return `message ${event.body.message.seq}`;
        return event.name === 'epoch' ? `epoch ${event.body.epoch.number}` : event.name;
      });
    };
  };
  return { local, readings, enter, gone };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { promise, resolve, reject };
}

const notice = (number: number): Uint8Array =>
  encodeNotice({ about: 'epoch', room, number, recordHash: new Uint8Array(32) });

function message(seq: number, epochVersion: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const frame = deliverPrefix({ room, seq, at: 1, from: ann, header: bytes, ciphertext: bytes }, false);
  return encodeShared({ seq, publishedAt: 0, epochVersion, frame });
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a new epoch', () => {
  it('is read once for all members who are here, and told to those it was made for', async () => {
    const { local, readings, enter } = setUp();
    const [anns, more, eves] = [enter(ann, 1), enter(ann, 1), enter(eve, 9)];
    local.receive(notice(3));
    expect(readings.map(({ users }) => users)).toEqual([[ann, eve]]);
    readings[0]?.end.resolve(issuedTo(3, [ann]));
    await settled();
    expect([anns(), more(), eves()]).toEqual([['epoch 3'], ['epoch 3'], []]);
    local.receive(notice(3));
    await settled();
    expect(readings).toHaveLength(1);
  });

  it('comes before the messages under it, whatever they overtake it by, and holds their order', async () => {
    const { local, readings, enter } = setUp();
    const anns = enter(ann, 1);
    local.receive(message(1, 1));
    local.receive(notice(1));
    local.receive(message(2, 1));
    local.receive(notice(2));
    local.receive(message(3, 1));
    await settled();
    expect(anns()).toEqual(['message 1']);
    readings[0]?.end.resolve(issuedTo(1, [ann]));
    await settled();
    expect(anns()).toEqual(['message 1', 'epoch 1', 'message 2']);
    readings[1]?.end.resolve(issuedTo(2, [ann]));
    await settled();
    expect(anns()).toEqual(['message 1', 'epoch 1', 'message 2', 'epoch 2', 'message 3']);
  });

  it('keeps nobody waiting when the store is away: the sessions are told to look', async () => {
    const { local, readings, enter } = setUp();
    const anns = enter(ann, 1);
    local.receive(notice(1));
    local.receive(message(1, 1));
    readings[0]?.end.reject(new Unavailable('store', new Error('away')));
    await expect.poll(anns).toEqual(['message 1', 'resync']);
  });

  it('holds no more payloads than its limit: they go on in order, and it follows them', async () => {
    const { local, readings, enter } = setUp();
    const anns = enter(ann, 1);
    local.receive(notice(1));
    for (let seq = 1; seq <= HELD_PAYLOADS_MAX + 1; seq += 1) local.receive(message(seq, 1));
    const messages = Array.from({ length: HELD_PAYLOADS_MAX + 1 }, (_, index) => `message ${index + 1}`);
    expect(anns()).toEqual(messages);
    readings[0]?.end.resolve(issuedTo(1, [ann]));
    await settled();
    expect(anns()).toEqual([...messages, 'epoch 1']);
  });
});

describe('a message under an epoch', () => {
  it('reaches those alone who were members at its roster version', () => {
    const { local, enter } = setUp();
    const [anns, bobs] = [enter(ann, 1), enter(bob, 4)];
    local.receive(message(1, 3));
    local.receive(message(2, 4));
    expect(anns()).toEqual(['message 1', 'message 2']);
    expect(bobs()).toEqual(['message 2']);
  });

  it('does not reach whoever left before it, also when both waited for an epoch', async () => {
    const { local, readings, enter, gone } = setUp();
    const [anns, bobs] = [enter(ann, 1), enter(bob, 1)];
    const about = { about: 'roster', room, version: 5, floor: 5, user: bob, change: 'kicked' } as const;
    local.receive(notice(1));
    local.receive(encodeNotice({ ...about, event: new Uint8Array([0x92, 0x65, 0x80]) }));
    local.receive(message(1, 1));
    readings[0]?.end.resolve(issuedTo(1, [ann]));
    await settled();
    expect(gone).toEqual([bob]);
    expect(bobs()).toEqual([]);
    expect(anns().at(-1)).toBe('message 1');
  });

  it('still skips those who joined later after others went out', () => {
    const { local, enter } = setUp();
    const [anns, bobs, eves] = [enter(ann, 1), enter(bob, 1), enter(eve, 9)];
    for (const session of local.sessionsOf(ann)) local.remove(session);
    local.receive(message(1, 1));
    expect([anns(), bobs(), eves()]).toEqual([[], ['message 1'], []]);
  });
});
