import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRequest } from './client-codec.ts';
import { parseRoomId } from './ids.ts';
import { ENTER_ROOMS_MAX } from './limits.ts';
import { encode } from './message-pack.ts';
import { requests } from './requests.ts';
import { decodeRequest, readRequestHead } from './server-codec.ts';

describe('the head of a request', () => {
  it('is read as the decoder reads it, whatever the rest is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 99 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (operation, id) => {
          expect(readRequestHead(encode([operation, id, {}]))).toEqual({ operation, id });
        },
      ),
    );
  });

  it.each<[string, number[]]>([
    ['of an array with a long header', [0xdc, 0, 3, 18, 7, 0x80]],
    ['of an array with a longer one', [0xdd, 0, 0, 0, 3, 18, 7, 0x80]],
    ['with integers in wide forms', [0x93, 0xd1, 0, 18, 0xcf, 0, 0, 0, 0, 0, 0, 0, 7, 0x80]],
    ['with signed integers', [0x93, 0xd0, 18, 0xd3, 0, 0, 0, 0, 0, 0, 0, 7, 0x80]],
  ])('is read in every form that the decoder takes: %s', (_what, frame) => {
    const bytes = Uint8Array.from(frame);
    expect(readRequestHead(bytes)).toEqual({ operation: 18, id: 7 });
    expect(decodeRequest(bytes)).toMatchObject({ kind: 'request', request: { name: 'ping', id: 7 } });
  });

  it('of no frame of chance is missed that the decoder would take', () => {
    const ping = encodeRequest('ping', 3, {});
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.nat(), (noise, at) => {
        const frame = Uint8Array.from([...ping, ...noise].toSpliced(at % ping.length, 1, noise[0] ?? 0));
        if (readRequestHead(frame) !== undefined) return;
        expect(decodeRequest(frame).kind).toBe('malformed');
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a request that is larger than any that there is', () => {
  const map = (keys: number): object =>
    Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, i]));

  it.each<[string, unknown]>([
    ['a map of more keys', map(9)],
    ['more containers', [[], [], []]],
    ['more values', Array(110).fill(1)],
    ['a longer text', 'x'.repeat(901)],
  ])('is refused with bad_request: %s', (_what, body) => {
    expect(decodeRequest(encode([requests.ping.op, 5, body]))).toMatchObject({
      kind: 'refused',
      id: 5,
      name: 'ping',
      code: 'bad_request',
      message: 'ping has more in it than any request',
    });
  });

  it('is read no further, so that refusing a long frame costs no more than refusing a short one', () => {
    const frame = encode([requests.ping.op, 5, [...Array(3).fill(map(5)), 'the rest']]);
    const reservedByte = 0xc1;
    const broken = Uint8Array.from([...frame.subarray(0, -9), ...Array(9).fill(reservedByte)]);
    expect(decodeRequest(broken)).toMatchObject({ kind: 'refused', id: 5, code: 'bad_request' });
    const small = encode([requests.ping.op, 5, [map(5), 'the rest']]);
    const brokenSmall = Uint8Array.from([...small.subarray(0, -9), ...Array(9).fill(reservedByte)]);
    expect(decodeRequest(brokenSmall).kind).toBe('malformed');
  });
});

describe('the largest request of its kind', () => {
  it('is taken', () => {
    const room = parseRoomId('07'.repeat(16));
    if (room === undefined) throw new Error('the test needs a room');
    const rooms = Array.from({ length: ENTER_ROOMS_MAX }, () => room);
    expect(decodeRequest(encodeRequest('enter', 1, { rooms })).kind).toBe('request');
    const nonce = new Uint8Array(32);
    const hello = encodeRequest('hello', 1, { client: '€'.repeat(64), nonce, origin: '€'.repeat(300) });
    expect(decodeRequest(hello).kind).toBe('request');
    const create = encodeRequest('create', 1, {
      name: 'room' as never,
      hidden: true,
      retention: 1,
      password: { salt: nonce, proof: nonce },
    });
    expect(decodeRequest(create).kind).toBe('request');
  });
});
