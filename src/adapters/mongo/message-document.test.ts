import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BSON } from 'mongodb';
import { expect, test } from 'vitest';
import type { NewMessage } from '../../ports/message-store.ts';
import { toHex } from '../../protocol/bytes.ts';
import {
  type ChainId,
  type Fingerprint,
  ID_BYTES,
  type MessageId,
  type RoomId,
  type UserId,
} from '../../protocol/ids.ts';
import { encodeMessageHeader } from '../../protocol/layouts/message-header.ts';
import { WRAP_BYTES } from '../../protocol/limits.ts';
import { messageDocument } from './message-document.ts';
import { chunked } from './wrap-chunks.ts';

/** The bytes of all documents of a stored message of 300 bytes of text, without their indexes. */
function documentBytes(members: number, change: Partial<NewMessage> = {}): number {
  const id = (): string => toHex(randomBytes(ID_BYTES));
  const message: NewMessage = {
    room: id() as RoomId,
    sender: id() as UserId,
    messageId: id() as MessageId,
    seq: 70_000,
    at: 1_800_000_000_000,
    header: randomBytes(200),
    headerHash: randomBytes(32),
    ciphertext: randomBytes(316),
    recipients: randomBytes(members * ID_BYTES),
    wraps: randomBytes(members * WRAP_BYTES),
    expiresAt: 1_800_000_000_000,
    ...change,
  };
  const { table, chunks = [] } = chunked(message) ?? {};
  const documents = [messageDocument(message, table), ...chunks];
  return documents.reduce((sum, document) => sum + BSON.calculateObjectSize(document), 0);
}

test('a stored message takes what docs/operations.md says, for each member and besides', () => {
  const told = /(\d+) bytes per member plus about (\d+) bytes/.exec(
    readFileSync('docs/operations.md', 'utf8'),
  );
  const [perMember, besides] = [Number(told?.[1]), Number(told?.[2])];
  expect(Math.round((documentBytes(1_000) - documentBytes(200)) / 800)).toBe(perMember);
  const rest = documentBytes(200) - 200 * perMember;
  expect(Math.abs(rest - besides)).toBeLessThan(0.1 * besides);
});

test('a stored message of suite 2 takes at most 1.1 KB, whatever the number of members', () => {
  const mostOf = (number: number): number => Number.MAX_SAFE_INTEGER - number;
  const header = encodeMessageHeader({
    messageId: toHex(randomBytes(ID_BYTES)) as MessageId,
    room: toHex(randomBytes(ID_BYTES)) as RoomId,
    sender: toHex(randomBytes(ID_BYTES)) as UserId,
    senderFingerprint: toHex(randomBytes(32)) as Fingerprint,
    chain: toHex(randomBytes(ID_BYTES)) as ChainId,
    number: mostOf(0),
    previousHash: randomBytes(32),
    rosterVersion: mostOf(1),
    recipients: randomBytes(32),
    passwordNumber: mostOf(2),
    sentAt: 1_800_000_000_000,
    seen: { position: mostOf(3), headerHash: randomBytes(32) },
    epoch: { number: mostOf(4), recordHash: randomBytes(32), salt: randomBytes(32) },
    commitment: randomBytes(32),
  });
  expect(documentBytes(0, { header, epochVersion: mostOf(1) })).toBeLessThanOrEqual(1_126);
});
