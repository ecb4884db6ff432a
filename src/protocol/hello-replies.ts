import { NONCE_BYTES } from './limits.ts';
import { encode } from './message-pack.ts';
import type { ReplyBody } from './requests.ts';
import { encodeReplyBody, replyFrame, writeUint32 } from './server-codec.ts';

type HelloParts = Pick<ReplyBody<'hello'>, 'nonce' | 'time'> & { readonly connection: string };

/** Behind the heads of the map, of the first key and of the nonce. */
const HELLO_NONCE_AT = 1 + encode('nonce').length + 2;
const HELLO_ID_CHARS = 8;

/** Replies to `hello`, which differ in three fields: these are written into a body that was encoded before. */
export class HelloReplies {
  readonly #body: Uint8Array;
  readonly #timeAt: number;

  constructor({ server, version, ...rest }: Omit<ReplyBody<'hello'>, keyof HelloParts>) {
    const nonce = new Uint8Array(NONCE_BYTES);
    const connection = '0'.repeat(HELLO_ID_CHARS);
    const time = Number.MAX_SAFE_INTEGER;
    this.#body = encodeReplyBody('hello', { nonce, server, version, time, ...rest, connection });
    // Up to the head of the number, which is all of it when it is 0.
    this.#timeAt = encode({ nonce, server, version, time: 0 }).length;
  }

  /** The same bytes as encodeReply('hello', …) gives. `time` is above 32 bits, `connection` 8 ASCII characters. */
  frame(id: number, { nonce, time, connection }: HelloParts): Uint8Array {
    const frame = replyFrame(id, this.#body);
    const bodyAt = frame.length - this.#body.length;
    frame.set(nonce, bodyAt + HELLO_NONCE_AT);
    writeUint32(frame, bodyAt + this.#timeAt, Math.floor(time / 2 ** 32));
    writeUint32(frame, bodyAt + this.#timeAt + 4, time);
    // The last field.
    const connectionAt = frame.length - HELLO_ID_CHARS;
    for (let i = 0; i < HELLO_ID_CHARS; i += 1) frame[connectionAt + i] = connection.charCodeAt(i);
    return frame;
  }
}
