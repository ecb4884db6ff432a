import type { ReplyBody, RequestName } from '../protocol/requests.ts';
import { encodeReplyBody, replyFrame } from '../protocol/server-codec.ts';
import { EncodedReply } from './call.ts';

/** Replies to one kind of request: a body that serves many is encoded once, and its bytes last as long as it does. */
export class EncodedOnce<Name extends RequestName> {
  readonly #name: Name;
  readonly #encoded = new WeakMap<ReplyBody<Name>, Uint8Array>();

  constructor(name: Name) {
    this.#name = name;
  }

  reply(body: ReplyBody<Name>): EncodedReply {
    return new EncodedReply((id) => replyFrame(id, this.#bytesOf(body)));
  }

  #bytesOf(body: ReplyBody<Name>): Uint8Array {
    const known = this.#encoded.get(body);
    if (known !== undefined) return known;
    const bytes = encodeReplyBody(this.#name, body);
    this.#encoded.set(body, bytes);
    return bytes;
  }
}
