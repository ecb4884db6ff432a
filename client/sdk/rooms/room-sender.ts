import { sameBytes } from '../../../src/protocol/bytes.ts';
import { parseMessageId } from '../../../src/protocol/ids.ts';
import type { SentContent } from '../../../src/protocol/layouts/content.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import { freshId } from '../../crypto/fresh-id.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, localError } from '../errors.ts';
import type { EnteredRoom } from './entered-room.ts';
import type { LifeKeeper } from './life-keeper.ts';
import { withLife } from './message-content.ts';
import { type Draft, MessageSealer, type MessageSealerOptions } from './message-sealer.ts';
import type { QueueOptions, Sent } from './room.ts';
import type { HeldChain, OwnLook, SenderChains } from './sender-chains.ts';

/** Messages of one room that wait for their turn or for the server. */
export const SENDS_QUEUED_MAX = 256;
/** A message is prepared again for a roster that changed meanwhile at most so often. */
const RESEALS_MAX = 50;

interface RoomSenderOptions extends MessageSealerOptions {
  readonly link: Link;
  readonly senders: SenderChains;
  readonly look: OwnLook;
  readonly life: Pick<LifeKeeper, 'forSending'>;
  readonly room: EnteredRoom;
}

interface SenderOptions extends QueueOptions {
  /** It has the life that the room gives by default, when its turn comes. */
  readonly takesLife?: boolean;
}

interface Waiting extends Draft {
  readonly takesLife: boolean;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of a message so far. */
interface Attempt {
  /** H(header) of each form in which it was sealed. */
  readonly forms: Uint8Array[];
  /** False: one of them may be stored or not. */
  isFateKnown: boolean;
}

/**
 * Sends the messages of one room in their order, one at a time: each header names the hash of what the server stored
 * before it. As long as messages wait, this sender holds a chain of the profile; then other processes may go on with it.
 */
export class RoomSender {
  readonly #options: RoomSenderOptions;
  readonly #sealer: MessageSealer;
  readonly #waiting: Waiting[] = [];
  #held: Promise<HeldChain> | undefined;
  #pumping = false;

  constructor(options: RoomSenderOptions) {
    this.#options = options;
    this.#sealer = new MessageSealer(options);
  }

  send(
    content: SentContent,
    { onQueued, strict = false, takesLife = false }: SenderOptions = {},
  ): Promise<Sent> {
    if (this.#waiting.length >= SENDS_QUEUED_MAX)
      return Promise.reject(localError('usage', 'sends_waiting', { count: SENDS_QUEUED_MAX }));
    return new Promise((resolve, reject) => {
      const id = freshId(parseMessageId);
      this.#waiting.push({ id, content, strict, takesLife, resolve, reject });
      onQueued?.(id);
      if (!this.#pumping) this.#options.senders.during(this.#pump());
    });
  }

  /** Never rejects. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    while (this.#waiting.length > 0) {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        try {
          next.resolve(await this.#deliver(next));
        } catch (error) {
          next.reject(error);
        }
        this.#waiting.shift();
      }
      // Others may come while this is written.
      const held = await this.#held?.catch(() => undefined);
      this.#held = undefined;
      await held?.giveBack();
    }
    this.#pumping = false;
  }

  async #deliver(waiting: Waiting): Promise<Sent> {
    const { link, state } = this.#options;
    if (link.status.state === 'closed') throw localError('closed', 'client_closed');
    const attempt: Attempt = { forms: [], isFateKnown: true };
    try {
      const { seq, at, headerHash } = await this.#untilStored(await this.#draftOf(waiting), attempt);
      await (await this.#hold()).acknowledged(seq, headerHash);
      // Whoever sent a message finds it, also where it was not delivered yet.
      state.sawPosition(seq);
      return { room: state.name, seq, id: waiting.id, at };
    } catch (error) {
      if (!attempt.isFateKnown) await (await this.#hold()).leave();
      throw error;
    }
  }

  /** Its content is the same in all forms in which it is sealed. */
  async #draftOf({ id, content, strict, takesLife }: Waiting): Promise<Draft> {
    if (!takesLife) return { id, content, strict };
    return { id, content: withLife(content, await this.#options.life.forSending()), strict };
  }

  /** The same bytes until there is an answer; new ones, with the same id and number, when the roster is another. */
  async #untilStored(draft: Draft, attempt: Attempt): Promise<ReplyBody<'send'>> {
    const { link, room, roster, state } = this.#options;
    let body: RequestBody<'send'> | undefined;
    const onRepeat = (): void => {
      attempt.isFateKnown = false;
    };
    for (let reseals = 0; ; ) {
      try {
        body ??= await this.#seal(draft, attempt);
        const reply = await link.request('send', body, { timeoutMs: undefined, onRepeat });
        if (attempt.forms.some((form) => sameBytes(form, reply.headerHash))) return reply;
        attempt.isFateKnown = false;
        throw localError('trust', 'unsent_acknowledged');
      } catch (error) {
        if (!(error instanceof ConclaveError)) throw error;
        if (error.code === 'conflict' && body !== undefined) {
          await link.pause(error.retryAfterMs ?? 0);
        } else if (isOutdated(error) && reseals < RESEALS_MAX) {
          // Had an earlier try been stored, the server would have answered with that.
          if (body !== undefined) attempt.isFateKnown = true;
          body = undefined;
          if (reseals > 0) await link.pause(0);
          reseals += 1;
          if (error.code === 'unknown_epoch') this.#options.epochs.refused();
          else this.#options.epochs.stale();
          await room.refresh();
          await roster.ensure(Math.max(error.version ?? 0, state.info.version));
        } else {
          throw error;
        }
      }
    }
  }

  #hold(): Promise<HeldChain> {
    const { look, senders, state } = this.#options;
    this.#held ??= senders.take(state.info.room, look);
    return this.#held;
  }

  async #seal(draft: Draft, attempt: Attempt): Promise<RequestBody<'send'>> {
    const { body, headerHash } = await this.#sealer.seal(draft, this.#hold());
    attempt.forms.push(headerHash);
    return body;
  }
}

/** Whether the server takes the message once it is sealed for the members, or under an epoch, of now. */
function isOutdated({ code }: ConclaveError): boolean {
  return code === 'stale_roster' || code === 'unknown_epoch';
}
