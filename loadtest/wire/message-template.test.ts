import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseChainId, parseFingerprint, parseRoomId, parseUserId } from '../../src/protocol/ids.ts';
import { parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import { FIRST_COUNT, headerTemplate, renumber } from './message-template.ts';

const bytes = (count: number): Uint8Array => new Uint8Array(randomBytes(count));

test.each([
  ['suite 1', undefined],
  ['suite 2', { number: 3, recordHash: bytes(32), recipients: bytes(32) }],
])('a header of %s gets another chain, number and id in place, and nothing else changes', (_, epoch) => {
  const [room, user] = [parseRoomId(bytes(16)), parseUserId(bytes(16))];
  const [fingerprint, chain] = [parseFingerprint(bytes(32)), parseChainId(bytes(16))];
  if (room === undefined || user === undefined || fingerprint === undefined || chain === undefined)
    return expect.unreachable();
  const frame = Buffer.concat([bytes(7), headerTemplate(room, user, fingerprint, 10, epoch)]);
  const parsed = () => {
    const result = parseMessageHeader(new Uint8Array(frame.subarray(7)));
    return result.ok ? result.header : expect.unreachable(result.reason);
  };
  const before = parsed();
  renumber(frame, 7, Buffer.from(chain, 'hex'), FIRST_COUNT + 5);
  const { messageId, ...after } = parsed();
  const { messageId: idBefore, ...rest } = before;
  expect(after).toEqual({ ...rest, chain, number: FIRST_COUNT + 5 });
  expect(messageId).not.toBe(idBefore);
});
