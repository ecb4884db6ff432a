import type { UserId } from '../../../src/protocol/ids.ts';
import { linkAccountContext, parseLinkShare } from '../../../src/protocol/layouts/link-inputs.ts';
import { joinedParts } from '../../../src/protocol/layouts/sealed-account.ts';
import { LINK_ENTRIES_LAST, LINK_LIFE_MS, SEALED_PARTS_MAX } from '../../../src/protocol/limits.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import {
  type LinkSecrets,
  linkChannel,
  linkCommit,
  linkSecrets,
  newLinkShare,
  type OwnShare,
} from '../../crypto/link-secrets.ts';
import { openSealedAccount } from '../../crypto/sealed-account.ts';
import { Connection } from '../connection/connection.ts';
import { ConnectionLost } from '../connection/connection-lost.ts';
import { hasCode, localError } from '../errors.ts';
import { loadOwnAccount } from '../people/own-account.ts';
import { type AccountContent, parseContent, userIn } from '../storage/account-content.ts';
import type { Dialling } from './fetched-backup.ts';
import { linkTicketText, newLinkCode } from './link-ticket.ts';

const POLL_MS = 1_000;
const FIRST_PART = 3;
/** For the old device to be told that nothing was taken. */
const DECLINE_MS = 2_000;

/** An account that another device handed over: to be shown before it is used. */
export interface ArrivedAccount {
  readonly content: AccountContent;
  readonly user: UserId;
  readonly fingerprint: string;
}

/**
 * The side of a link that has no account yet. The server only passes entries on: it can disturb, and it can guess the digits once, with
 * one chance in a million. Rejects with ConclaveError: `auth_failed` when the channel is over, `trust` when what comes is not what the
 * old device was shown, or when that one refused.
 */
export class NewDevice {
  readonly code: string;
  /** For a QR code. */
  readonly ticket: string;
  readonly #dialling: Dialling;
  readonly #channel: Uint8Array;
  readonly #own: OwnShare;
  readonly #commit: Uint8Array;
  #secrets: LinkSecrets | undefined;
  #isConfirmed = false;
  #connection: Connection | undefined;
  /** Until then it goes on through lost connections; before the channel is open, it does not. */
  #endsAt = Number.NEGATIVE_INFINITY;
  readonly #closing = new AbortController();

  private constructor(
    dialling: Dialling,
    made: {
      readonly code: string;
      readonly ticket: string;
      readonly channel: Uint8Array;
      readonly own: OwnShare;
      readonly commit: Uint8Array;
    },
  ) {
    this.#dialling = dialling;
    this.code = made.code;
    this.ticket = made.ticket;
    this.#channel = made.channel;
    this.#own = made.own;
    this.#commit = made.commit;
  }

  /** Opens the channel. What is committed to here cannot be chosen any more when the other side has shown its key. */
  static async open(dialling: Dialling): Promise<NewDevice> {
    const own = await newLinkShare();
    const code = newLinkCode();
    const [ticket, channel] = [await linkTicketText(code, own.keys.publicKey), await linkChannel(code)];
    const device = new NewDevice(dialling, {
      code,
      ticket,
      channel,
      own,
      commit: await linkCommit(own.share),
    });
    await device.#ask({ put: { number: 0, data: device.#commit } });
    device.#endsAt = dialling.clock.now() + LINK_LIFE_MS;
    return device;
  }

  /** Waits for the old device; gives the digits to type there. */
  async digits(): Promise<string> {
    const old = await this.#entry(1);
    const { origin } = this.#dialling;
    const transcript = { origin, channel: this.#channel, commit: this.#commit, old, fresh: this.#own.share };
    const secrets = parseLinkShare(old) && (await linkSecrets(this.#own, old, transcript));
    if (secrets === undefined) throw localError('trust', 'link_broken');
    await this.#ask({ put: { number: 2, data: this.#own.share } });
    this.#secrets = secrets;
    return secrets.digits;
  }

  /** Waits until the digits were typed; gives the account, which is not used before a person has seen whose it is. */
  async account(): Promise<ArrivedAccount> {
    const secrets = this.#secrets;
    if (secrets === undefined) throw new TypeError('the digits come first');
    const parts: Uint8Array[] = [];
    for (let count = 1; parts.length < count; ) {
      const entry = await this.#entry(FIRST_PART + parts.length);
      count = entry[0] ?? 0;
      if (count === 0) throw localError('trust', 'link_refused');
      if (count > SEALED_PARTS_MAX) throw localError('trust', 'link_broken');
      parts.push(entry.subarray(1));
    }
    const context = linkAccountContext(secrets.transcriptHash);
    const packed = await openSealedAccount(secrets.key, context, joinedParts(parts));
    if (packed === undefined) throw localError('trust', 'link_broken');
    const content = parseContent(packed);
    const { current } = await loadOwnAccount(content.account);
    const user = userIn(content);
    if (user === undefined) throw localError('trust', 'link_broken');
    return { content, user, fingerprint: current.ready.fingerprint };
  }

  /** Tells the old device that the account is here. */
  async confirm(): Promise<void> {
    this.#isConfirmed = true;
    await this.#ask({ put: { number: LINK_ENTRIES_LAST, data: new Uint8Array(0) } });
  }

  /** Tells an old device that waits for the confirmation that none comes. */
  async close(): Promise<void> {
    if (this.#secrets !== undefined && !this.#isConfirmed) await this.#decline();
    this.#closing.abort();
    await this.#connection?.close();
  }

  async #decline(): Promise<void> {
    const told = this.#ask({ put: { number: LINK_ENTRIES_LAST, data: new Uint8Array(1) } });
    // Without an answer the old device learns of it when the channel is over.
    const enough = new Promise<void>((resolve) => this.#dialling.clock.schedule(DECLINE_MS, resolve));
    await Promise.race([told.catch(() => undefined), enough]);
  }

  async #entry(want: number): Promise<Uint8Array> {
    for (;;) {
      const { data } = await this.#ask({ want });
      if (data !== undefined) return data;
      await this.#pause();
    }
  }

  /** A server closes a connection without a login after some seconds: then the next is asked the same again. */
  async #ask(body: Omit<RequestBody<'link'>, 'channel'>) {
    for (;;) {
      try {
        this.#connection ??= await Connection.open({
          ...{ ...this.#dialling, abort: this.#closing.signal },
          onEvent: () => undefined,
        });
        return await this.#connection.request('link', { channel: this.#channel, ...body });
      } catch (error) {
        const isWorthAnother =
          error instanceof ConnectionLost ? error.mayReconnect : hasCode(error, 'unavailable');
        if (error instanceof ConnectionLost) this.#connection = undefined;
        const isOver = this.#dialling.clock.now() >= this.#endsAt;
        if (!isWorthAnother || isOver) throw error;
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => this.#dialling.clock.schedule(POLL_MS, resolve));
    if (this.#closing.signal.aborted) throw localError('closed', 'client_closed');
  }
}
