import { sameBytes } from '../../../src/protocol/bytes.ts';
import { linkAccountContext, parseLinkShare } from '../../../src/protocol/layouts/link-inputs.ts';
import { SEALED_CONTENT_BYTES_MAX, sealedParts } from '../../../src/protocol/layouts/sealed-account.ts';
import { LINK_ENTRIES_LAST, LINK_LIFE_MS } from '../../../src/protocol/limits.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { RequestBody } from '../../../src/protocol/requests.ts';
import {
  type LinkSecrets,
  linkChannel,
  linkCommit,
  linkSecrets,
  newLinkShare,
} from '../../crypto/link-secrets.ts';
import { sealAccount } from '../../crypto/sealed-account.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { localError } from '../errors.ts';
import { contentOf, packContent } from '../storage/account-content.ts';
import type { AccountStorage } from '../storage/storage.ts';
import type { AccountHandOver } from './account-backup.ts';
import { fittingContent } from './fitting-content.ts';
import { keyHashOf, type LinkTicket } from './link-ticket.ts';

const POLL_MS = 1_000;
const FIRST_PART = 3;

export interface OldDeviceOptions {
  readonly origin: Origin;
  readonly link: Link;
  readonly clock: Clock;
  readonly storage: Pick<AccountStorage, 'keys' | 'state'>;
  readonly timeoutMs: number | undefined;
}

/**
 * Finds the new device that shows this ticket. Rejects with `auth_failed` when none waits, `conflict` when another device has answered
 * it, and `trust` when its key is not the one that it committed itself to, or that was scanned.
 */
export async function beginHandOver(
  options: OldDeviceOptions,
  { code, keyHash }: LinkTicket,
): Promise<AccountHandOver> {
  const { origin } = options;
  const channel = await linkChannel(code);
  const own = await newLinkShare();
  const entries = new Entries(options, channel);
  const commit = await entries.wait(0);
  await entries.put(1, own.share);
  const fresh = await entries.wait(2);
  const share = parseLinkShare(fresh);
  const isCommitted = share !== undefined && sameBytes(await linkCommit(fresh), commit);
  const isScanned =
    share !== undefined && (keyHash === undefined || keyHash === (await keyHashOf(share.publicKey)));
  const transcript = { origin, channel, commit, old: own.share, fresh };
  const secrets = isCommitted && isScanned ? await linkSecrets(own, fresh, transcript) : undefined;
  if (secrets === undefined) {
    await entries.refuse();
    throw localError('trust', 'link_broken');
  }
  let isOver = false;
  const once = (): void => {
    if (isOver) throw new TypeError('one guess a link');
    isOver = true;
  };
  return {
    needsDigits: keyHash === undefined,
    refuse: async () => {
      once();
      await entries.refuse();
    },
    give: async (digits) => {
      once();
      if (keyHash === undefined && digits?.replace(/\s/g, '') !== secrets.digits) {
        await entries.refuse();
        throw localError('trust', 'link_digits_wrong');
      }
      expectTaker(await entries.read(LINK_ENTRIES_LAST));
      await entries.putAccount(options.storage, secrets);
      expectTaker(await entries.wait(LINK_ENTRIES_LAST));
    },
  };
}

/** The last entry of the new device: empty, if it has the account. */
function expectTaker(last: Uint8Array | undefined): void {
  if (last !== undefined && last.length > 0) throw localError('trust', 'link_declined');
}

/** One channel, as the device that is logged in sees it. */
class Entries {
  readonly #options: OldDeviceOptions;
  readonly #channel: Uint8Array;
  readonly #endsAt: number;

  constructor(options: OldDeviceOptions, channel: Uint8Array) {
    this.#options = options;
    this.#channel = channel;
    this.#endsAt = options.clock.now() + LINK_LIFE_MS;
  }

  async put(number: number, data: Uint8Array): Promise<void> {
    await this.#ask({ put: { number, data } });
  }

  refuse(): Promise<void> {
    return this.put(FIRST_PART, new Uint8Array(1));
  }

  async putAccount({ keys, state }: OldDeviceOptions['storage'], secrets: LinkSecrets): Promise<void> {
    const content = await contentOf({ keys, state }, 'device');
    const whole = packContent(content);
    const packed =
      whole.length <= SEALED_CONTENT_BYTES_MAX
        ? whole
        : packContent(fittingContent(content, this.#options.clock.wallTime(), SEALED_CONTENT_BYTES_MAX));
    const sealed = await sealAccount(secrets.key, linkAccountContext(secrets.transcriptHash), packed);
    const parts = sealedParts(sealed);
    for (const [at, part] of parts.entries()) {
      const data = new Uint8Array(1 + part.length);
      data[0] = parts.length;
      data.set(part, 1);
      await this.put(FIRST_PART + at, data);
    }
  }

  async wait(want: number): Promise<Uint8Array> {
    const { clock, link } = this.#options;
    while (clock.now() < this.#endsAt) {
      const data = await this.read(want);
      if (data !== undefined) return data;
      await link.pause(POLL_MS);
    }
    throw localError('timeout', 'timed_out');
  }

  /** Undefined: it is not written yet. */
  async read(want: number): Promise<Uint8Array | undefined> {
    const { data } = await this.#ask({ want });
    return data;
  }

  #ask(body: Omit<RequestBody<'link'>, 'channel'>) {
    const { link, timeoutMs } = this.#options;
    return link.request('link', { channel: this.#channel, ...body }, { timeoutMs });
  }
}
