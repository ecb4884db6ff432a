import { sameBytes } from '../../../src/protocol/bytes.ts';
import { ID_BYTES } from '../../../src/protocol/ids.ts';
import {
  backupContext,
  SEALED_CONTENT_BYTES_MAX,
  sealedParts,
} from '../../../src/protocol/layouts/sealed-account.ts';
import { HASH_BYTES } from '../../../src/protocol/limits.ts';
import { foldName } from '../../../src/protocol/names.ts';
import { isCanonicalOrigin, type Origin } from '../../../src/protocol/origin.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import { bytes, map, type Parsed, parsedText, uint } from '../../../src/protocol/shape.ts';
import { newRecoveryCode, recoveryKeys, sealAccount } from '../../crypto/sealed-account.ts';
import { randomBytes, sha256 } from '../../crypto/web-crypto.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { Schedule } from '../connection/schedule.ts';
import { hasCode } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { OwnKeys } from '../people/own-keys.ts';
import { type AccountContent, contentOf, packContent } from '../storage/account-content.ts';
import { deleteRecord, getRecord, packRecord, putRecord } from '../storage/records.ts';
import type { AccountStorage } from '../storage/storage.ts';
import type { AccountBackup, BackupStatus, MadeBackup } from './account-backup.ts';
import { fittingContent } from './fitting-content.ts';
import { BACKED_UP } from './observed-state.ts';

/** Changes of one minute are one backup; after a login it is looked at, at a random moment, and then every few hours. */
const AFTER_CHANGE_MS = 60_000;
const AFTER_LOGIN_MS = 5 * 60_000;
const LOOK_EVERY_MS = 4 * 3_600_000;
/** How long a client that is closed may still take for it. */
const AT_CLOSE_MS_MAX = 3_000;
/** Other devices may store theirs in between. */
const TRIES_MAX = 3;

/** `session/backup`: what this device refreshes the backup with. The code itself is nowhere. */
const backupRecord = map({
  key: bytes(HASH_BYTES),
  tokenHash: bytes(HASH_BYTES),
  /** The address that the code was made for. */
  origin: parsedText('origin', (text: unknown): Origin | undefined =>
    typeof text === 'string' && isCanonicalOrigin(text) ? text : undefined,
  ),
  /** The highest version seen. */
  version: uint(),
  codeMadeAt: uint(),
  lookedAt: uint(),
  /** Of the content of the version that this device stored last. */
  digest: bytes(HASH_BYTES),
});
export type BackupRecord = Parsed<typeof backupRecord>;

type Stored = NonNullable<ReplyBody<'backup'>['backup']>;

interface BackupKeeperOptions {
  readonly origin: Origin;
  readonly account: OwnKeys;
  readonly storage: Pick<AccountStorage, 'keys' | 'state'>;
  readonly link: Link;
  readonly clock: Clock;
  readonly notices: Pick<Broadcast<Notice>, 'tell'>;
  readonly timeoutMs: number | undefined;
}

/** Keeps the backup of an account up to date, without its code: see PROTOCOL.md, section 16. */
export class BackupKeeper implements AccountBackup {
  readonly #options: BackupKeeperOptions;
  readonly #schedule: Schedule;
  #isChanged = false;
  #isClosed = false;
  #toldOf: BackupStatus['state'] | undefined;

  constructor(options: BackupKeeperOptions) {
    this.#options = options;
    this.#schedule = new Schedule(options.clock, () => this.#look());
  }

  /** A session is open. */
  opened(by: 'login' | 'resume'): void {
    if (by === 'login') this.#lookWithin(this.#options.clock.random() * AFTER_LOGIN_MS);
  }

  /** Something was stored that belongs into a backup. */
  changed(): void {
    this.#isChanged = true;
    if (this.#options.link.status.state === 'online') this.#lookWithin(AFTER_CHANGE_MS);
  }

  /**
   * To be called while the link is still open: what a command changed is backed up before the command ends. What cannot be stored now,
   * or read any more, is left to the next client.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#schedule.cancel();
    await this.#lookAtClose().catch(() => undefined);
  }

  async #lookAtClose(): Promise<void> {
    const { link, clock, storage } = this.#options;
    const record = await readRecord(storage);
    if (record === undefined) return;
    const isDue = this.#isChanged || clock.wallTime() - record.lookedAt >= LOOK_EVERY_MS;
    if (this.#isChanged) await this.#keep({ ...record, lookedAt: 0 });
    if (isDue && link.status.state === 'online') await link.limited(AT_CLOSE_MS_MAX, this.#look());
  }

  async status(): Promise<BackupStatus> {
    const record = await readRecord(this.#options.storage);
    return statusOf(record, await this.#stored());
  }

  async make(): Promise<MadeBackup> {
    const { origin, account, clock, storage } = this.#options;
    const code = newRecoveryCode();
    const { key, token } = await recoveryKeys(code, origin, foldName(account.name));
    const before = await readRecord(storage);
    const madeAt = clock.wallTime();
    const tokenHash = await sha256(token);
    const record = { key, tokenHash, origin, version: before?.version ?? 0, codeMadeAt: madeAt };
    for (let tries = 1; ; tries += 1) {
      const stored = await this.#stored();
      try {
        const put = await this.#put(await contentOf(storage, 'backup'), record, stored, { madeAt });
        const { fingerprint } = account.current.ready;
        return { code, version: put.version, madeAt, fingerprint, peopleLeftOut: put.peopleLeftOut };
      } catch (error) {
        if (!isConflict(error) || tries === TRIES_MAX) throw error;
      }
    }
  }

  async remove(): Promise<void> {
    const { link, storage, timeoutMs } = this.#options;
    await link.request('delete-backup', {}, { timeoutMs });
    await deleteRecord(storage.state, 'session', 'backup');
  }

  async #stored(unseen = false): Promise<Stored | undefined> {
    const { link, timeoutMs } = this.#options;
    return (await link.request('backup', {}, { timeoutMs, unseen })).backup;
  }

  /** Compares what the server has with what this device knows, and refreshes it when something changed here. */
  async #look(): Promise<void> {
    const { link, storage, clock } = this.#options;
    const record = await readRecord(storage);
    if (record === undefined || !link.has('backup')) return;
    this.#isChanged = false;
    const stored = await this.#stored(true);
    const { state } = statusOf(record, stored);
    this.#tell(state);
    if (stored === undefined || state === 'elsewhere') {
      await this.#keep({ ...record, lookedAt: clock.wallTime() });
    } else {
      const content = await contentOf(storage, 'backup');
      const isOld = state === 'rolled_back' || stored.sequence !== this.#sequence();
      if (isOld || !sameBytes(record.digest, await digestOf(content))) {
        await this.#put(content, record, stored, { madeAt: clock.wallTime(), unseen: true }).catch(
          (error: unknown) => {
            // Another device was faster: the next look is soon.
            if (!isConflict(error)) throw error;
            this.#lookWithin(AFTER_CHANGE_MS);
          },
        );
      } else {
        const version = Math.max(record.version, stored.version);
        await this.#keep({ ...record, version, lookedAt: clock.wallTime() });
      }
    }
    this.#lookWithin(LOOK_EVERY_MS);
  }

  #lookWithin(ms: number): void {
    if (!this.#isClosed) this.#schedule.within(ms);
  }

  #tell(state: BackupStatus['state']): void {
    if (state === this.#toldOf) return;
    this.#toldOf = state;
    if (state === 'rolled_back' || state === 'gone' || state === 'elsewhere')
      this.#options.notices.tell({ type: 'backup', state });
  }

  #sequence(): number {
    return this.#options.account.current.verified.document.sequence;
  }

  /** Stores the account as it is now, in the place of what the server has. Rejects with `conflict`. */
  async #put(
    content: AccountContent,
    record: Omit<BackupRecord, 'lookedAt' | 'digest'>,
    stored: Stored | undefined,
    { madeAt, unseen = false }: { readonly madeAt: number; readonly unseen?: boolean },
  ): Promise<{ readonly version: number; readonly peopleLeftOut: number }> {
    const { account, link, timeoutMs } = this.#options;
    const version = Math.max(record.version, stored?.version ?? 0) + 1;
    const sequence = this.#sequence();
    const fitting = fittingContent(content, madeAt, SEALED_CONTENT_BYTES_MAX);
    const place = { origin: record.origin, user: account.user, version, sequence };
    const parts = sealedParts(await sealAccount(record.key, backupContext(place), packContent(fitting)));
    const upload = randomBytes(ID_BYTES);
    const head = { version, before: stored?.version ?? 0, sequence, token: record.tokenHash };
    for (const [part, data] of parts.entries()) {
      const isLast = part === parts.length - 1;
      const body = { upload, part, data, ...(isLast && { commit: { ...head, parts: parts.length } }) };
      await link.request('put-backup', body, { timeoutMs, unseen });
    }
    await this.#keep({ ...record, version, lookedAt: madeAt, digest: await digestOf(content) });
    return { version, peopleLeftOut: fitting.peopleLeftOut ?? 0 };
  }

  #keep(record: BackupRecord): Promise<void> {
    return putRecord(this.#options.storage.state, 'session', 'backup', backupRecord, record);
  }
}

/** For a profile that was just restored with its code: it keeps the backup up to date from now on. */
export function packedBackupRecord(record: Omit<BackupRecord, 'digest'>): Uint8Array {
  return packRecord(backupRecord, { ...record, digest: new Uint8Array(HASH_BYTES) });
}

function readRecord({ state }: Pick<AccountStorage, 'state'>): Promise<BackupRecord | undefined> {
  return getRecord(state, 'session', 'backup', backupRecord);
}

function statusOf(record: BackupRecord | undefined, stored: Stored | undefined): BackupStatus {
  const known = record === undefined ? {} : { known: record.version, codeMadeAt: record.codeMadeAt };
  if (stored === undefined) return { state: record === undefined ? 'none' : 'gone', ...known };
  const { version, sequence, at } = stored;
  const found = { stored: { version, sequence, storedAt: at }, ...known };
  if (record === undefined || !sameBytes(record.tokenHash, stored.token))
    return { state: 'elsewhere', ...found };
  return { state: version < record.version ? 'rolled_back' : 'kept', ...found };
}

/** Of what is worth a new backup. Positions and lists of members change all the time, and are found again without one. */
function digestOf({ account, records }: AccountContent): Promise<Uint8Array> {
  return sha256(packContent({ account, records: records.filter(({ table }) => BACKED_UP.has(table)) }));
}

const isConflict = (error: unknown): boolean => hasCode(error, 'conflict');
