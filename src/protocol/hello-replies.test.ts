import fc from 'fast-check';
import { expect, it } from 'vitest';
import { featureNames } from './features.ts';
import { HelloReplies } from './hello-replies.ts';
import { NONCE_BYTES } from './limits.ts';
import { encodeReply } from './server-codec.ts';

it('gives the bytes that encoding each reply to hello as a whole would give', () => {
  const limits = { frameBytes: 65_536, textBytes: 4_096, roomMembers: 500, roomsPerConnection: 256 };
  const server = { server: 'conclave/1.2.3', version: 1, pingMs: 25_000, silenceMs: 60_000 };
  fc.assert(
    fc.property(
      fc.nat(2 ** 31 - 1),
      fc.uint8Array({ minLength: NONCE_BYTES, maxLength: NONCE_BYTES }),
      fc.integer({ min: 2 ** 32, max: Number.MAX_SAFE_INTEGER }),
      fc.stringMatching(/^[0-9a-f]{8}$/),
      fc.subarray(featureNames.slice()),
      fc.boolean(),
      (id, nonce, time, connection, features, hasFiles) => {
        const fixed = {
          ...server,
          limits: { ...limits, ...(hasFiles && { fileBytes: 10 ** 8 }), epochRoomMembers: 1_000 },
          features,
        };
        const { server: name, version, ...rest } = fixed;
        const whole = { nonce, server: name, version, time, ...rest, connection };
        const replies = new HelloReplies(fixed);
        // One frame must not be written over by the next.
        const frame = replies.frame(id, { nonce, time, connection });
        replies.frame(id + 1, { nonce: new Uint8Array(NONCE_BYTES), time: 2 ** 32, connection: 'ffffffff' });
        expect(frame).toEqual(encodeReply('hello', id, whole));
      },
    ),
  );
});
