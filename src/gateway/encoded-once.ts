import type { ReplyBody, RequestName } from '../protocol/requests.ts';
import { encodeReplyBody } from '../protocol/server-codec.ts';

/** Bodies of replies that serve many: each is encoded once, and its bytes last as long as it does. */
export class EncodedOnce {
  readonly #encoded = new WeakMap<object, Uint8Array>();

  bytesOf<Name extends RequestName>(name: Name, body: ReplyBody<Name>): Uint8Array {
    const known = this.#encoded.get(body);
    if (known !== undefined) return known;
    const bytes = encodeReplyBody(name, body);
    this.#encoded.set(body, bytes);
    return bytes;
  }
}
