import { expect } from 'vitest';
import { unwrapEpochKey, type WrapKeys } from '../../../client/crypto/epochs/epoch-wrap.ts';
import { prekeySeed } from '../../../client/crypto/epochs/prekeys.ts';
import {
  type IdentityKeys,
  loadIdentityKeys,
  type PrivateKeyBytes,
} from '../../../client/crypto/identity-keys.ts';
import { sha256 } from '../../../client/crypto/web-crypto.ts';
import type { AccountStorage, RoomMessage } from '../../../client/sdk/index.ts';
import { EpochBook } from '../../../client/sdk/rooms/epoch-book.ts';
import type { StoreBackend } from '../../../src/ports/backend.ts';
import type { IssuedEpoch } from '../../../src/ports/epoch-store.ts';
import { toHex } from '../../../src/protocol/bytes.ts';
import type { MessageId, RoomId, UserId } from '../../../src/protocol/ids.ts';
import { parseEpochRecord } from '../../../src/protocol/layouts/epoch-record.ts';
import { parseEpochWrap } from '../../../src/protocol/layouts/epoch-wraps.ts';
import { type MessageHeader, parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import { present } from '../protocol/arbitraries.ts';
import type { MortalDevice } from './mortal-device.ts';

/** Rows of the store that are read at a time. */
const ROWS = 1_000;

/** A user, and all storages that any of its clients ever had. */
export interface Holder {
  readonly user: UserId;
  readonly storages: ReadonlySet<AccountStorage>;
}

export interface SentText {
  readonly text: string;
  readonly user: UserId;
}

interface StoredMessage {
  readonly seq: number;
  readonly header: MessageHeader;
  readonly sent: SentText;
}

/** What has to hold in one room, judged by what the gateways have stored and by all that its members ever knew. */
export class ScheduleChecks {
  readonly #stores: StoreBackend;
  readonly #room: RoomId;
  readonly #holders: readonly Holder[];
  /** What was sent, by the ids of messages. */
  readonly #sent: ReadonlyMap<MessageId, SentText>;
  readonly #epochs = new Map<number, IssuedEpoch>();
  readonly #messages: StoredMessage[] = [];
  /** Every key of an epoch that a user's clients ever held, by its hexadecimal digits. */
  readonly #everHeld = new Map<UserId, Set<string>>();
  readonly #keys = new Map<number, string>();
  readonly #loaded = new LoadedKeys();
  /** Keys, by their names, with which the wraps of an epoch were tried. */
  readonly #tried = new Map<number, Set<string>>();
  #lastEpoch = 0;

  constructor(
    stores: StoreBackend,
    room: RoomId,
    holders: readonly Holder[],
    sent: ReadonlyMap<MessageId, SentText>,
  ) {
    this.#stores = stores;
    this.#room = room;
    this.#holders = holders;
    this.#sent = sent;
  }

  /** After a step: what is new in the stores, and who can open it. `absent`: they were no members at any time of the step. */
  async look(absent: ReadonlySet<UserId>): Promise<void> {
    const messages = await this.#readMessages();
    const epochs = await this.#readEpochs();
    await this.#keysAgree();
    for (const issued of epochs) {
      await this.#opensForRecipientsOnly(issued);
      for (const user of absent)
        expect(issued.copies.has(user), `epoch ${issued.epoch.number} is for somebody absent`).toBe(false);
    }
    for (const { seq, header } of messages) {
      const key = this.#keys.get(epochOf(header));
      expect(key, `nobody holds the key of message ${seq}`).toBeDefined();
      for (const user of absent)
        expect(this.#everHeld.get(user)?.has(key ?? ''), `somebody absent can open message ${seq}`).toBe(
          false,
        );
    }
    for (const [number, key] of this.#keys)
      for (const { user } of this.#outside(number))
        expect(this.#everHeld.get(user)?.has(key), `an outsider knows the key of epoch ${number}`).toBe(
          false,
        );
  }

  /** At the end: with all keys that everybody has by now. */
  async lookAgain(): Promise<void> {
    for (const issued of this.#epochs.values()) await this.#opensForRecipientsOnly(issued);
  }

  /** All messages that the reader should see since it last looked are shown in order, as they were sent, and nothing else. `passwords`: those that it was told. */
  async opensEverything(device: MortalDevice, user: UserId, passwords: ReadonlySet<number>): Promise<void> {
    const room = present(device.room);
    const after = Math.max(room.joined, device.checkedThrough);
    const due = this.#messages.filter(
      ({ seq, header }) => seq > after && this.#epochs.get(epochOf(header))?.copies.has(user) === true,
    );
    const shown: RoomMessage[] = [];
    let through = after;
    for (let more = true; more; ) {
      const page = await room.history({ after: through });
      shown.push(...page.messages);
      ({ through, more } = page);
    }
    const isLocked = ({ header: { passwordNumber } }: StoredMessage): boolean =>
      passwordNumber > 0 && !passwords.has(passwordNumber);
    const expected = due.map((message) =>
      isLocked(message) ? `${message.seq} needs_password` : `${message.seq} ${message.sent.text}`,
    );
    // Whoever cannot open a message cannot place those after it in their chain either.
    const mayMiss = this.#messages.some(isLocked);
    const seen = shown.filter(({ type }) => !(mayMiss && type === 'gap')).map(lineOf);
    expect(seen.join('\n')).toBe(expected.join('\n'));
    device.checkedThrough = this.#messages.at(-1)?.seq ?? 0;
  }

  async #readMessages(): Promise<readonly StoredMessage[]> {
    const before = this.#messages.length;
    const owner = present(this.#holders[0]).user;
    const after = this.#messages.at(-1)?.seq ?? 0;
    const bounds = { after, through: Number.MAX_SAFE_INTEGER, order: 'ascending', limit: ROWS } as const;
    for (const row of await this.#stores.messages.page(this.#room, owner, bounds)) {
      if (row.kind !== 'own') continue;
      const parsed = parseMessageHeader(row.header);
      const header = parsed.ok ? parsed.header : expect.unreachable();
      const sent = this.#sent.get(header.messageId) ?? expect.unreachable();
      expect(header.sender).toBe(sent.user);
      this.#messages.push({ seq: row.seq, header, sent });
    }
    return this.#messages.slice(before);
  }

  async #readEpochs(): Promise<readonly IssuedEpoch[]> {
    const users = this.#holders.map(({ user }) => user);
    const last = (await this.#stores.epochs.newest(this.#room))?.number ?? 0;
    const fresh: IssuedEpoch[] = [];
    for (let number = this.#lastEpoch + 1; number <= last; number += 1) {
      const issued = await this.#stores.epochs.issued(this.#room, number, users);
      if (issued === undefined) continue;
      this.#epochs.set(number, issued);
      fresh.push(issued);
    }
    this.#lastEpoch = last;
    return fresh;
  }

  /** Whoever holds the key of an epoch holds the same one, and it is that of no other epoch. */
  async #keysAgree(): Promise<void> {
    for (const { user, storages } of this.#holders) {
      const held = this.#everHeld.get(user) ?? new Set<string>();
      this.#everHeld.set(user, held);
      for (const { state } of storages)
        for (const { number, key } of await new EpochBook(state).list(this.#room)) {
          if (key === undefined) continue;
          const digits = toHex(key);
          expect(this.#keys.get(number) ?? digits, `the key of epoch ${number}`).toBe(digits);
          this.#keys.set(number, digits);
          held.add(digits);
        }
    }
    expect(new Set(this.#keys.values()).size).toBe(this.#keys.size);
  }

  #outside(number: number): readonly Holder[] {
    const copies = this.#epochs.get(number)?.copies;
    return copies === undefined ? [] : this.#holders.filter(({ user }) => !copies.has(user));
  }

  /** All wraps of an epoch are tried with all keys of everybody for whom there is none, unless they were before. */
  async #opensForRecipientsOnly({ epoch: { number, record }, copies }: IssuedEpoch): Promise<void> {
    const parsed = parseEpochRecord(record);
    const { body, bodyBytes } = parsed.ok ? parsed.record : expect.unreachable();
    const bodyHash = await sha256(bodyBytes);
    const tried = this.#tried.get(number) ?? new Set();
    this.#tried.set(number, tried);
    for (const { user, storages } of this.#outside(number))
      for (const keys of await this.#loaded.of(user, storages)) {
        if (tried.has(keys.name)) continue;
        tried.add(keys.name);
        for (const [recipient, { wrap }] of copies) {
          const opened = await unwrapEpochKey(bodyHash, present(parseEpochWrap(body.keying, wrap)), {
            ...keys,
            user: recipient,
          });
          expect(opened, `epoch ${number} opens for ${user}`).toBeUndefined();
        }
      }
  }
}

const epochOf = ({ epoch }: MessageHeader): number => present(epoch).number;

function lineOf(message: RoomMessage): string {
  if (message.type !== 'message') return `${message.seq} ${message.type}`;
  const { seq, text = message.status, reason, marks = [] } = message;
  return [seq, text, ...(message.status === 'needs_password' ? [] : [reason]), ...marks]
    .filter(Boolean)
    .join(' ');
}

/** Of whoever tries them: the same keys with an earlier prekey open more. */
type TriedKeys = WrapKeys & { readonly name: string };

/** The keys of a schedule's people. To load an identity takes longer than to try it. */
class LoadedKeys {
  /** By the hexadecimal digits of a private key. */
  readonly #identities = new Map<string, Promise<IdentityKeys>>();

  async of(user: UserId, storages: Iterable<AccountStorage>): Promise<readonly TriedKeys[]> {
    const keys = new Map<string, TriedKeys>();
    for (const storage of storages)
      for (const { keys: bytes, prekeys } of (await storage.keys.load()).identities) {
        const { fingerprint, rsaDecrypt } = await this.#identity(bytes);
        const name = `${fingerprint} from week ${prekeys?.week}`;
        const seedOf = async (week: number): Promise<Uint8Array | undefined> =>
          prekeys === undefined ? undefined : prekeySeed(prekeys, week);
        keys.set(name, { name, user, fingerprint, rsaDecrypt, prekeySeed: seedOf });
      }
    return [...keys.values()];
  }

  #identity(bytes: PrivateKeyBytes): Promise<IdentityKeys> {
    const digits = toHex(bytes.ed25519);
    const known = this.#identities.get(digits);
    if (known !== undefined) return known;
    const loading = loadIdentityKeys(bytes).then((loaded) =>
      loaded.ok ? loaded.keys : expect.unreachable(),
    );
    this.#identities.set(digits, loading);
    return loading;
  }
}
