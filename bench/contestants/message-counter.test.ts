import { describe, expect, test } from 'vitest';
import { DeliveryTotals } from '../../loadtest/wire/frame-counter.ts';
import { dialectOf } from './dialect.ts';
import { MessageCounter } from './message-counter.ts';
import { markedPayload } from './numbered-payload.ts';

const PAYLOAD_BYTES = 844;

/** A publication in the channel `bench`, as Centrifuge writes it. */
function publication(number: number): Buffer {
  const payload = markedPayload(PAYLOAD_BYTES, false);
  payload.writeUInt32BE(number, 4);
  const field = (tag: number, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from([tag]), delimited(content)]);
  const push = Buffer.concat([field(0x12, Buffer.from('bench')), field(0x22, field(0x22, payload))]);
  return delimited(field(0x22, push));
}

function delimited(content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from(head), content]);
}

function frame(first: number, ...messages: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(messages);
  const head = Buffer.from(payload.length < 126 ? [first, payload.length] : [first, 126, 0, 0]);
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

const BINARY = 0x82;
const ping = Buffer.from([0]);
const welcome = delimited(Buffer.from([0x08, 1, 0x2a, 0]));
const stream = Buffer.concat([
  frame(BINARY, welcome),
  frame(BINARY, publication(1), publication(2)),
  frame(0x89),
  frame(BINARY, ping, publication(4)),
]);

describe('the counter of deliveries', () => {
  test('counts messages that share a frame, wherever the stream is cut into reads', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const totals = new DeliveryTotals();
      const counter = new MessageCounter(dialectOf('centrifuge', 0), totals, false);
      const events: string[] = [];
      counter.onWelcome = () => void events.push('welcome');
      counter.onKeepAlive = (answer) => void events.push(`answered ${answer.length} bytes`);
      const carriedFrom = counter.walk(stream, 0, cut);
      expect(cut - carriedFrom).toBeLessThan(64);
      expect(counter.walk(stream, carriedFrom, stream.length)).toBe(stream.length);
      expect({ cut, ...totals, latencies: 0, pinged: counter.takePing() }).toMatchObject({
        deliveries: 3,
        outOfOrder: 1,
        pinged: true,
      });
      expect(events).toEqual(['welcome', 'answered 7 bytes']);
    }
  });
});
