import fc from 'fast-check';
import { expect } from 'vitest';
import { decodeServerMessage, encodeRequest } from '../../../src/protocol/client-codec.ts';
import { parseRoomId } from '../../../src/protocol/ids.ts';
import { parseRoomName } from '../../../src/protocol/names.ts';
import { decodeRequest, encodeEvent, encodeReply } from '../../../src/protocol/server-codec.ts';

const room = parseRoomId(new Uint8Array(16).fill(7)) ?? expect.unreachable();
const name = parseRoomName('Lobby') ?? expect.unreachable();

const good = [
  encodeRequest('create', 5, { name, hidden: true, retention: 30 }),
  encodeRequest('send', 6, {
    room,
    version: 3,
    header: new Uint8Array(9),
    ciphertext: new Uint8Array(20),
    wraps: new Uint8Array(256),
  }),
  encodeRequest('enter', 7, { rooms: [room] }),
  encodeEvent('resync', { room, head: 4 }),
  encodeReply('rooms', 8, { rooms: [{ name, online: 1, members: 2, password: false }], total: 3 }),
];

const mutated = fc
  .tuple(
    fc.constantFrom(...good),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    fc.nat(3),
  )
  .map(([frame, edits, cut]) => {
    const copy = frame.slice(0, frame.length - cut);
    for (const [at, byte] of edits) if (copy.length > 0) copy[at % copy.length] = byte;
    return copy;
  });

/** Reads `count` frames as a gateway and as a client does, half of them made from good ones. Throws, with the frame, when one of them throws. */
export function readAnyFrames(count: number, seed: number): void {
  const read = (frame: Uint8Array): void => {
    expect(['request', 'refused', 'malformed']).toContain(decodeRequest(frame).kind);
    decodeServerMessage(frame, () => 'rooms', true);
  };
  const half = { numRuns: count / 2, seed };
  fc.assert(fc.property(mutated, read), half);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), read), half);
}
