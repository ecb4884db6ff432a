import type { ChainStore } from '../../client/crypto/chain-store.ts';
import { signIdentity, type VerifiedIdentity, verifyIdentity } from '../../client/crypto/identity.ts';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import { recipientsHash } from '../../client/crypto/recipients.ts';
import type {
  AcceptedIdentity,
  OpenedMessage,
  OutgoingMessage,
  Reader,
  ReceivedCopy,
  SealedMessage,
} from '../../client/crypto/suite.ts';
import { suiteOne } from '../../client/crypto/suite-one.ts';
import { randomBytes } from '../../client/crypto/web-crypto.ts';
import {
  type ChainId,
  type MessageId,
  parseChainId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../src/protocol/ids.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import { newKeys } from '../support/new-keys.ts';

/** People of one room, and copies of their messages as a server could hand them out. */

export const NOW = 1_790_000_000_000;
export const ROSTER_VERSION = 7;

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the fixture is broken');
  return value;
}

export const newUser = (): UserId => present(parseUserId(randomBytes(16)));
export const newRoom = (): RoomId => present(parseRoomId(randomBytes(16)));
export const newMessage = (): MessageId => present(parseMessageId(randomBytes(16)));
export const newChain = (): ChainId => present(parseChainId(randomBytes(16)));

export interface Person {
  readonly user: UserId;
  readonly keys: IdentityKeys;
  readonly identity: VerifiedIdentity;
}

export async function newPerson(name: string): Promise<Person> {
  const keys = await newKeys();
  const signed = await signIdentity(keys, { username: present(parseUserName(name)), createdAt: NOW });
  const verified = await verifyIdentity(signed);
  if (!verified.ok) throw new Error(verified.reason);
  return { user: newUser(), keys, identity: verified.identity };
}

export interface ReaderSettings {
  readonly people: readonly Person[];
  readonly chains?: ChainStore;
  readonly secrets?: ReadonlyMap<number, Uint8Array>;
  readonly readableAfter?: number;
  readonly replacedAt?: number;
}

/** A client of `person` that accepts these people, and takes them for the members of every roster version. */
export function readerOf(person: Person, settings: ReaderSettings): Reader {
  return {
    rsaDecrypt: [person.keys.rsaDecrypt],
    chains: settings.chains ?? new MemoryChainStore(),
    readableAfter: settings.readableAfter ?? 0,
    acceptedIdentities: async (user): Promise<readonly AcceptedIdentity[]> =>
      settings.people
        .filter((known) => known.user === user)
        .map(({ identity }) => ({
          fingerprint: identity.fingerprint,
          ed25519Verify: identity.ed25519Verify,
          replacedAt: settings.replacedAt,
        })),
    roomSecret: async (number) => settings.secrets?.get(number),
    recipientsHash: () => recipientsHash(settings.people.map(addressed)),
  };
}

export function addressed(person: Person): OutgoingMessage['members'][number] {
  return {
    user: person.user,
    fingerprint: person.identity.fingerprint,
    rsaEncrypt: person.identity.rsaEncrypt,
  };
}

/** A running client of one person in one room. */
export class Sender {
  readonly #person: Person;
  readonly #members: readonly Person[];
  readonly room: RoomId;
  readonly chain: ChainId = newChain();
  #number = 0;
  #previousHash: Uint8Array = new Uint8Array(0);

  constructor(person: Person, members: readonly Person[], room: RoomId) {
    this.#person = person;
    this.#members = members;
    this.room = room;
  }

  draft(text: string, change: Partial<OutgoingMessage> = {}): OutgoingMessage {
    return {
      messageId: newMessage(),
      room: this.room,
      sender: this.#person.user,
      keys: this.#person.keys,
      chain: this.chain,
      number: this.#number,
      previousHash: this.#previousHash,
      rosterVersion: ROSTER_VERSION,
      members: this.#members.map(addressed),
      passwordNumber: 0,
      roomSecret: undefined,
      sentAt: NOW,
      content: { type: 'text', text },
      ...change,
    };
  }

  /** Seals the next message of the chain, as if the server had acknowledged it. */
  async say(text: string, change: Partial<OutgoingMessage> = {}): Promise<SealedMessage> {
    const sealed = await suiteOne.seal(this.draft(text, change));
    this.#number += 1;
    this.#previousHash = sealed.headerHash;
    return sealed;
  }

  /** The copy that `reader` is handed at this position. */
  copyFor(reader: Person, sealed: SealedMessage, seq: number): ReceivedCopy {
    const users = this.#members.map(({ user }) => user).sort();
    const start = users.indexOf(reader.user) * 256;
    return {
      room: this.room,
      seq,
      at: NOW,
      from: this.#person.user,
      header: sealed.header,
      ciphertext: sealed.ciphertext,
      wrap: sealed.wraps.slice(start, start + 256),
    };
  }
}

/** `ok: text`, or `status: reason`. */
export function outcome(message: OpenedMessage): string {
  if (message.status !== 'ok') return `${message.status}: ${message.reason}`;
  return `ok: ${message.content.type === 'text' ? message.content.text : message.content.type}`;
}

export async function opened(copy: ReceivedCopy, reader: Reader): Promise<OpenedMessage> {
  const [message] = await suiteOne.open([copy], reader);
  return present(message);
}

export async function open(copy: ReceivedCopy, reader: Reader): Promise<string> {
  return outcome(await opened(copy, reader));
}

export function changed(bytes: Uint8Array, index = bytes.length - 1): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}
