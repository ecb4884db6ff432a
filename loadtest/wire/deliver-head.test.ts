import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/protocol/bytes.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { deliverHead, eventOperation, uintAt } from './deliver-head.ts';

const [room, from] = [new Uint8Array(16).fill(7), new Uint8Array(16).fill(9)];
const deliver = (seq: number, at: number): Uint8Array =>
  encode([100, room, seq, at, from, new Uint8Array(250), new Uint8Array(80), new Uint8Array(256)]);

describe('the head of a delivery', () => {
  test.each([0, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 2 ** 53 - 1])(
    'tells position %d, its time and its sender',
    (seq) => {
      const frame = deliver(seq, 1_700_000_000_123);
      const head = deliverHead(frame);
      expect(head).toMatchObject({ seq, at: 1_700_000_000_123 });
      const fromAt = head?.fromAt ?? 0;
      expect(toHex(frame.subarray(fromAt, fromAt + 16))).toBe(toHex(from));
    },
  );

  test('is not found in other frames, nor in one that is cut off', () => {
    expect(deliverHead(encode([102, { room, presence: {} }]))).toBeUndefined();
    expect(deliverHead(encode([0, 1, {}]))).toBeUndefined();
    expect(deliverHead(new Uint8Array(0))).toBeUndefined();
    expect(deliverHead(deliver(1, 2).subarray(0, 30))).toBeUndefined();
  });

  test('other events are known by their operation, and replies are none', () => {
    expect(eventOperation(encode([106, { room }]))).toBe(106);
    expect(eventOperation(encode([0, 1, {}]))).toBeUndefined();
    expect(eventOperation(encode([1, 1]))).toBeUndefined();
  });

  test('what is no unsigned integer is no number', () => {
    expect(uintAt(encode('text'), 0)).toBeNaN();
    expect(uintAt(Uint8Array.of(0xcd, 1), 0)).toBeNaN();
  });
});
