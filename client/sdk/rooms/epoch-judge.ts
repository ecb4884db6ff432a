import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { OwnEpoch } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { type EpochBody, parseEpochRecord } from '../../../src/protocol/layouts/epoch-record.ts';
import type { LeafPlace } from '../../../src/protocol/layouts/merkle-tree.ts';
import {
  type EpochFault,
  epochFaults,
  isSignedByMember,
  type OpenedEpoch,
  openEpoch,
} from '../../crypto/epochs/open-epoch.ts';
import type { HeldEpoch, Reader } from '../../crypto/suite.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import type { Clock } from '../connection/clock.ts';
import { ConclaveError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { EpochEvent, Notice } from '../notice.ts';
import type { OwnAccount } from '../people/own-account.ts';
import type { OwnPrekeys } from '../people/own-prekeys.ts';
import type { People } from '../people/people.ts';
import type { KnownEpoch } from './epoch-book.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomRoster } from './room-roster.ts';
import type { RoomState } from './room-state.ts';

/** Faults that are remembered as told. */
const TOLD_MAX = 1_024;
/** Epochs that are remembered as closed; with more, they are judged again when they are asked for. */
const CLOSED_MAX = 1_024;

export interface EpochJudgeOptions {
  readonly account: OwnAccount;
  readonly book: RoomBook;
  readonly clock: Clock;
  readonly keyring: { reader(): Pick<Reader, 'acceptedIdentities'> };
  readonly notices: Broadcast<Notice>;
  readonly people: People;
  readonly prekeys: OwnPrekeys;
  readonly roster: RoomRoster;
  readonly state: RoomState;
}

/** Whose word an epoch's number is: a member signed it, the server alone says it, or a person gave that epoch up. */
export type EpochWord = 'member' | 'server' | 'past';

/** Looks at the epochs of one room as the server shows them: keeps those that open, and tells who is at fault for the others. */
export class EpochJudge {
  readonly #options: EpochJudgeOptions;
  /** Faults that were told, so that none is told with every page. */
  readonly #told = new Set<string>();
  /** H(record) of epochs whose keys are gone from here, or never were here, by number. */
  readonly #closed = new Map<number, Uint8Array>();

  constructor(options: EpochJudgeOptions) {
    this.#options = options;
  }

  /** Who stands for its number. Rejects when the members can't be read now. */
  async take(shown: OwnEpoch): Promise<EpochWord> {
    const { book, state } = this.#options;
    const { room } = state.info;
    const parsed = parseEpochRecord(shown.record);
    const recordHash = await sha256(shown.record);
    const known = await book.epochs.find(room, shown.number);
    const isSame = known !== undefined && sameBytes(known.recordHash, recordHash);
    if (isSame && known.isPast === true) return 'past';
    if (known !== undefined && !isSame && known.isPast !== true) {
      await this.split(shown.number, recordHash);
      return 'member';
    }
    if (isSame && (known.fault === undefined || known.fault === 'key_reused')) return 'member';
    if (parsed.ok && parsed.record.body.number !== shown.number) {
      await this.#fault({ ok: false, reason: 'malformed', body: undefined }, shown.number);
      return 'server';
    }
    const opened = await this.#open(shown, parsed.ok ? parsed.record.body : undefined);
    if (!opened.ok) await this.#fault(opened, shown.number);
    if (!opened.ok && opened.reason === 'prekey_deleted') this.#noteClosed(shown.number, recordHash);
    const { body } = opened;
    const word = isSignedByMember(opened) ? 'member' : 'server';
    // What the server alone may have made up is not worth a record.
    if (body === undefined || (!opened.ok && epochFaults[opened.reason] !== 'committer')) return word;
    const now = this.#options.clock.wallTime();
    const kept = await book.epochs.put(room, {
      ...(opened.ok ? { key: opened.held.key } : { fault: opened.reason }),
      number: shown.number,
      recordHash,
      rosterVersion: body.rosterVersion,
      recipients: body.recipients,
      passwordNumber: body.passwordNumber,
      keying: body.keying,
      committer: body.committer,
      commitment: body.commitment,
      madeAt: Math.min(body.madeAt, now),
      usedAt: now,
      days: state.info.retention,
      plain: opened.ok && opened.week === 0 ? [this.#options.account.user] : [],
    });
    if (kept === 'differs') await this.split(shown.number, recordHash);
    else if (opened.ok) await this.#follows(body);
    return word;
  }

  /** What would open this epoch was deleted before this device could read it. */
  isClosed({ number, recordHash }: Pick<HeldEpoch, 'number' | 'recordHash'>): boolean {
    const closed = this.#closed.get(number);
    return closed !== undefined && sameBytes(closed, recordHash);
  }

  #noteClosed(number: number, recordHash: Uint8Array): void {
    if (this.#closed.size >= CLOSED_MAX) this.#closed.clear();
    this.#closed.set(number, recordHash);
  }

  /** The server shows two records of one number, or of what came before: nothing is sent until a person accepts that. */
  async split(number: number, recordHash: Uint8Array): Promise<void> {
    const { book, state } = this.#options;
    if (await book.epochs.split(state.info.room, number, recordHash)) this.tell('two_epochs', [], number);
  }

  tell(kind: EpochEvent, users: readonly UserId[], number: number): void {
    const { notices, people, roster, state } = this.#options;
    const { name: room } = state;
    const { room: id } = state.info;
    const key = `${kind} ${number} ${users.join()}`;
    if (this.#told.has(key)) return;
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.add(key);
    const names = users.map((user) => people.nameOf(user, roster.known.find(user)?.name));
    void Promise.all(names).then(
      (known) => notices.tell({ type: 'epoch', room, id, kind, users: known, number }),
      () => undefined,
    );
  }

  async #open(shown: OwnEpoch, body: EpochBody | undefined): Promise<OpenedEpoch> {
    const { account, book, keyring, prekeys, state } = this.#options;
    const { room } = state.info;
    const place = body === undefined ? undefined : await this.#place(body.rosterVersion);
    const { record, wrap, path } = shown;
    return openEpoch(
      { record, wrap, path, place },
      {
        ...{ user: account.user, room, keys: prekeys.wrapKeys() },
        acceptedIdentities: keyring.reader().acceptedIdentities,
        isReused: (commitment, number) => book.epochs.isReused(room, commitment, number),
      },
    );
  }

  /** Where the own wrap stands among those of the members of that version; undefined when the server no longer has them. */
  async #place(version: number): Promise<LeafPlace | undefined> {
    const { account, roster } = this.#options;
    await roster.ensure(version).catch((error: unknown) => {
      if (!(error instanceof ConclaveError) || error.code !== 'conflict') throw error;
    });
    const members = roster.known.membersAt(version);
    const index = members?.findIndex(({ user }) => user === account.user) ?? -1;
    return members === undefined || index < 0 ? undefined : { index, count: members.length };
  }

  /** An epoch that names another predecessor than is known here was made by somebody who was shown another one. */
  async #follows({ number, previousHash }: EpochBody): Promise<void> {
    const { book, state } = this.#options;
    const before = number > 1 ? await book.epochs.find(state.info.room, number - 1) : undefined;
    const isUnknownToMaker = previousHash.every((byte) => byte === 0);
    if (
      before !== undefined &&
      before.isPast !== true &&
      !isUnknownToMaker &&
      !sameBytes(before.recordHash, previousHash)
    )
      await this.split(number - 1, previousHash);
  }

  async #fault({ reason, body }: OpenedEpoch & { readonly ok: false }, number: number): Promise<void> {
    const by = epochFaults[reason];
    if (by === 'server') this.tell('epoch_of_server', [], number);
    else if (by === 'committer' && body !== undefined) this.tell('epoch_of_member', [body.committer], number);
    else this.tell(ownFaults.has(reason) ? 'prekey_deleted' : 'epoch_unknown_form', [], number);
  }
}

const ownFaults: ReadonlySet<EpochFault> = new Set(['prekey_deleted', 'roster_unknown']);

/** Whether the epoch's key is held here. */
export function isOpen(epoch: KnownEpoch | undefined): epoch is KnownEpoch & { readonly key: Uint8Array } {
  return epoch?.key !== undefined && epoch.fault === undefined;
}
