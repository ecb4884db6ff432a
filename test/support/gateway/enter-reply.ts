import { decodeServerFrame } from '../../../src/protocol/client-codec.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';

/** What a client reads in the frame of a reply to `enter`. */
export function enteredRooms(frame: Uint8Array): ReplyBody<'enter'>['rooms'] {
  const decoded = decodeServerFrame(frame, () => 'enter');
  if (decoded.kind !== 'reply') throw new Error('it is a reply to enter');
  // Decoded by that name, so of that type.
  return (decoded.body as ReplyBody<'enter'>).rooms;
}
