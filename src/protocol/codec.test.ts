import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runSeed } from '../../test/support/chance.ts';
import { readAnyFrames } from '../../test/support/hostile/any-frames.ts';
import { concatBytes } from './bytes.ts';
import { decodeServerFrame, encodeRequest } from './client-codec.ts';
import { errorCodes } from './codes.ts';
import type { Refusal } from './error-reply.ts';
import { parseRoomId, parseUserId } from './ids.ts';
import { encode } from './message-pack.ts';
import { parseRoomName } from './names.ts';
import type { ReplyBody } from './requests.ts';
import {
  decodeRequest,
  deliverPrefix,
  encodeEnterReply,
  encodeError,
  encodePresence,
  encodeReply,
} from './server-codec.ts';

const room = parseRoomId(new Uint8Array(16).fill(7));
const user = parseUserId(new Uint8Array(16).fill(9));
const name = parseRoomName('Lobby');
if (room === undefined || user === undefined || name === undefined) throw new Error('the test needs ids');

type EnteredRooms = ReplyBody<'enter'>['rooms'];

describe('the codec', () => {
  it('gives the server what the client encoded', () => {
    const frame = encodeRequest('create', 5, { name, hidden: true, retention: 30 });
    expect(decodeRequest(frame)).toEqual({
      kind: 'request',
      request: { name: 'create', id: 5, body: { name, hidden: true, retention: 30 } },
    });
  });

  it.each([
    [0, 1],
    [7, 20],
    [0xffff_ffff, 3_600_000],
    [5, 2 ** 40],
  ])('tells request %i to wait %i ms in a frame that was encoded before', (id, retryAfterMs) => {
    const told = (refusal: Refusal) => decodeServerFrame(encodeError(id, refusal), () => 'ping');
    const known = Math.min(retryAfterMs, 0xffff_ffff);
    const message = errorCodes.rate_limited.meaning;
    const written = told({ refused: 'rate_limited', message, retryAfterMs: known });
    expect(told({ refused: 'rate_limited', retryAfterMs })).toEqual(written);
    expect(written).toMatchObject({ kind: 'error', id, error: { retryAfterMs: known } });
  });

  it('carries a send positionally', () => {
    const body = {
      room,
      version: 3,
      header: new Uint8Array(100),
      ciphertext: new Uint8Array(200),
      wraps: new Uint8Array(512),
    };
    const frame = encodeRequest('send', 0xffff_ffff, body);
    expect(frame[0]).toBe(0x97);
    expect(decodeRequest(frame)).toEqual({
      kind: 'request',
      request: { name: 'send', id: 0xffff_ffff, body },
    });
  });

  it('gives the client a deliver frame made of the shared prefix and its own wrap', () => {
    const message = {
      seq: 2 ** 40,
      at: 1_700_000_000_000,
      from: user,
      header: new Uint8Array([1]),
      ciphertext: new Uint8Array(300),
    };
    const wrap = new Uint8Array(256).fill(3);
    const frame = concatBytes(deliverPrefix({ room, ...message }, true), wrap);
    expect(decodeServerFrame(frame, () => undefined)).toEqual({
      kind: 'event',
      event: { name: 'deliver', body: { room, message: { ...message, wrap } } },
    });
    const bare = deliverPrefix({ room, ...message }, false);
    expect(decodeServerFrame(bare, () => undefined)).toMatchObject({
      kind: 'event',
      event: { body: { message: { wrap: new Uint8Array(0) } } },
    });
  });

  it('assembles the reply to enter to the bytes that encoding it as a whole would give', () => {
    const info = { room, name, role: 'member', joined: 0, version: 3, head: 9 } as const;
    const settings = { retention: 30, password: 0, hidden: false };
    const anyPresence = fc.record(
      {
        online: fc.nat(1_000),
        version: fc.maxSafeNat(),
        users: fc.array(
          fc.record({ user: fc.constant(user), online: fc.boolean(), version: fc.maxSafeNat() }),
          {
            maxLength: 40,
          },
        ),
      },
      { requiredKeys: ['online', 'version'] },
    );
    const refused = fc.record({ room: fc.constant(room), error: fc.nat(20) });
    const entered = fc.record({
      room: fc.constant(room),
      info: fc.constant({ ...info, ...settings }),
      presence: anyPresence,
    });
    const anyRooms = fc.array(fc.oneof(refused, entered), { maxLength: 100 });
    const check = (id: number, rooms: readonly EnteredRooms[number][]): void => {
      const entries = rooms.map(({ presence, ...rest }) => {
        return presence === undefined ? rest : { ...rest, presence: encodePresence(presence) };
      });
      expect(encodeEnterReply(id, entries)).toEqual(encodeReply('enter', id, { rooms }));
    };
    fc.assert(fc.property(fc.nat(0xffff_ffff), anyRooms, check), { numRuns: 300 });
  });

  it('refuses an unknown operation and an unknown field with the request id', () => {
    expect(decodeRequest(encode([77, 4, {}]))).toMatchObject({ kind: 'refused', id: 4, code: 'bad_request' });
    expect(decodeRequest(encode([18, 4, { extra: 1 }]))).toMatchObject({
      kind: 'refused',
      id: 4,
      name: 'ping',
      message: 'ping: extra is not a known field',
    });
    expect(decodeRequest(encode([13, 4, { rooms: [new Uint8Array(15)] }]))).toMatchObject({
      message: 'enter: rooms[0] is not room id',
    });
  });

  it('skips unknown fields of replies and unknown events', () => {
    expect(decodeServerFrame(encode([0, 1, { time: 5, later: 'x' }]), () => 'ping')).toEqual({
      kind: 'reply',
      id: 1,
      name: 'ping',
      body: { time: 5 },
    });
    expect(decodeServerFrame(encode([199, { any: 1 }]), () => undefined)).toEqual({ kind: 'unknown' });
    expect(decodeServerFrame(encodeReply('ping', 1, { time: 5 }), () => undefined)).toEqual({
      kind: 'unknown',
    });
  });

  it('names the code of an error reply', () => {
    const frame = encodeError(3, { refused: 'stale_roster', version: 12 });
    expect(decodeServerFrame(frame, () => 'send')).toMatchObject({
      kind: 'error',
      id: 3,
      error: { name: 'stale_roster', version: 12 },
    });
  });

  it('closes on what is no request at all', () => {
    for (const value of [
      0,
      'hello',
      [],
      [2],
      [0, 1, {}],
      [100, 1, {}],
      [2, -1, {}],
      [2, 2 ** 32, {}],
      ['2', 1, {}],
      { op: 2 },
    ]) {
      expect(decodeRequest(encode(value)).kind, JSON.stringify(value)).toBe('malformed');
    }
  });

  it('never throws on 20,000 random or mutated frames, in either direction', () => {
    readAnyFrames(20_000, runSeed());
  });
});
