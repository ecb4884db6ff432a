import { expect, it, vi } from 'vitest';
import { encodeReply, replyFrame } from '../protocol/server-codec.ts';
import { EncodedOnce } from './encoded-once.ts';

it('a reply whose body was encoded for others has the same bytes, whatever its id', () => {
  const replies = new EncodedOnce();
  const body = { version: 7, members: [], cursor: new Uint8Array(40) };
  for (const id of [0, 127, 128, 65_536, 0xffff_ffff])
    expect(replyFrame(id, replies.bytesOf('members', body))).toEqual(encodeReply('members', id, body));
});

it('a body is read once, however many it serves', () => {
  const replies = new EncodedOnce();
  const version = vi.fn(() => 7);
  const body = Object.defineProperty({ version: 0, members: [] }, 'version', {
    get: version,
    enumerable: true,
  });
  replies.bytesOf('members', body);
  const reads = version.mock.calls.length;
  replies.bytesOf('members', body);
  expect(version).toHaveBeenCalledTimes(reads);
});
