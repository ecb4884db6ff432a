import { sameBytes } from '../../../src/protocol/bytes.ts';
import { type ChainId, idBytes, parseChainId, type RoomId } from '../../../src/protocol/ids.ts';
import type { MessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import type { ChainStore } from '../../crypto/chain-store.ts';
import { chainAfter, isSameOrLater } from '../../crypto/following-chains.ts';
import { freshId } from '../../crypto/fresh-id.ts';
import type { Clock } from '../connection/clock.ts';
import type { OwnAccount } from '../people/own-account.ts';
import {
  deleteRecord,
  packRecord,
  parseRecord,
  SENDER_CHAINS_MAX,
  senderChainsRecord,
} from '../storage/records.ts';
import type { Sharing } from '../storage/sharing.ts';
import type { StateStore } from '../storage/state-store.ts';

/** Rooms whose chains are kept; beyond it those go that were sent in least recently. */
export const SENDER_ROOMS_MAX = 1_024;
/** After so many messages in a row it is written how far their chain has come. */
const NOTED_EVERY = 64;

/** Where a chain of one's own goes on. */
export interface OwnChain {
  readonly chain: ChainId;
  /** Of the next message. */
  readonly number: number;
  /** H(header) of the one before; empty with number 0. */
  readonly previousHash: Uint8Array;
  /** Up to this position the room was looked through for messages of the chain that are not known here. */
  readonly checked: number;
  /** The process that sends on it now. */
  readonly holder?: string;
}

/** An own message, as its header says. */
export type Placed = Pick<MessageHeader, 'chain' | 'number'> & { readonly headerHash: Uint8Array };

/** How to look through a room for one's own messages. */
export interface OwnLook {
  /** The room's last position when this client entered it. */
  readonly headAtEntry: number;
  /** Whether one's own messages after a position have one that is sought, and up to where was looked. */
  find(
    after: number,
    isSought: (message: Placed) => boolean,
  ): Promise<{ readonly found: boolean; readonly through: number }>;
}

interface SenderChainsOptions {
  readonly state: StateStore;
  readonly chains: ChainStore;
  readonly sharing: Sharing;
  readonly clock: Clock;
  readonly account: Pick<OwnAccount, 'user'>;
}

/**
 * The chains that this profile sends on, so that a message of one process follows that of another, and readers miss one that a server
 * withholds between them. While a process sends, it holds a chain that nobody else holds; that it does is on the disk before the
 * first message goes out. So the number of a message can't be given again, whatever dies when:
 * - a chain that is given back goes on at the number that follows the last acknowledged message;
 * - one whose holder died, or gave up a message of unknown fate, is followed by the next chain, at the number that follows
 *   the last message that is known to be stored; by a new one if there is none;
 * - one that goes on elsewhere, since this profile is a copy or was put back from a backup, is not used again.
 */
export class SenderChains {
  readonly #options: SenderChainsOptions;
  readonly #sending = new Set<Promise<void>>();

  constructor(options: SenderChainsOptions) {
    this.#options = options;
  }

  /** The chain that was not used for longest, of those that nobody holds; or a new one. */
  async take(room: RoomId, look: OwnLook): Promise<HeldChain> {
    const { sharing } = this.#options;
    const { holder } = sharing;
    const begun = { ...newChain(look.headAtEntry), holder };
    const taken = await this.#update(room, (kept) => {
      const known = kept.map((own) =>
        own.holder === undefined || sharing.mayRun(own.holder) ? own : followed(own),
      );
      const free = known.find((own) => own.holder === undefined);
      const own = free === undefined ? begun : { ...free, holder };
      return { kept: [...known.filter((other) => other !== free), own], result: own };
    });
    const held = new HeldChain(this, room, taken);
    if (taken === begun) await this.#bound(room);
    else await this.#check(held, look);
    return held;
  }

  /** Puts another chain, or another place in it, where one is that this process holds. False when it no longer does. */
  replace(room: RoomId, { chain }: OwnChain, next: OwnChain): Promise<boolean> {
    const { holder } = this.#options.sharing;
    return this.#update(room, (kept) => {
      const at = kept.findIndex((own) => own.chain === chain && own.holder === holder);
      return at < 0 ? { kept, result: false } : { kept: kept.with(at, next), result: true };
    });
  }

  /** The chain that follows one with a message of unknown fate; another one where that can't be written. */
  async after(room: RoomId, left: OwnChain): Promise<OwnChain> {
    const { account, chains, sharing } = this.#options;
    const next = { ...followed(left), holder: sharing.holder };
    try {
      const isTaken = (await chains.lastOf(room, { sender: account.user, chain: next.chain })) !== undefined;
      if (!isTaken && (await this.replace(room, left, next))) return next;
    } catch {
      // A full disk is no reason to give a number twice: the record is left to whoever finds this process dead.
    }
    return newChain(left.checked);
  }

  /** A room's chains are in use until this ends. */
  during(sending: Promise<void>): void {
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  /** Every chain was given back. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending);
  }

  /** Nothing of the account stays. */
  async clear(): Promise<void> {
    const { state } = this.#options;
    for (const { key } of await state.list('sender-chains')) await deleteRecord(state, 'sender-chains', key);
  }

  /** A chain that was used elsewhere since is not gone on with: its numbers are taken. */
  async #check(held: HeldChain, look: OwnLook): Promise<void> {
    const { account, chains } = this.#options;
    const { room, own } = held;
    const isUnknown = ({ chain, number, headerHash }: Placed): boolean => {
      if (chain !== own.chain) return isSameOrLater(chain, own.chain);
      return number >= own.number || (number === own.number - 1 && !sameBytes(headerHash, own.previousHash));
    };
    try {
      const last = await chains.lastOf(room, { sender: account.user, chain: own.chain });
      let isBehind = last !== undefined && isUnknown({ ...last, chain: own.chain });
      if (!isBehind && look.headAtEntry > own.checked) {
        const { found, through } = await look.find(own.checked, isUnknown);
        isBehind = found;
        held.own = { ...own, checked: Math.max(through, own.checked) };
      }
      if (isBehind) await held.becomes({ ...own, ...newChain(look.headAtEntry) });
    } catch (error) {
      await held.giveBack();
      throw error;
    }
  }

  async #bound(room: RoomId): Promise<void> {
    const { state } = this.#options;
    const rooms = await state.list('sender-chains');
    if (rooms.length <= SENDER_ROOMS_MAX) return;
    const byAge = rooms
      .map(({ key, value }) => ({ key, at: parseRecord(senderChainsRecord, value)?.at ?? 0 }))
      .filter(({ key }) => key !== room)
      .sort((a, b) => a.at - b.at);
    for (const { key } of byAge.slice(0, rooms.length - SENDER_ROOMS_MAX))
      await deleteRecord(state, 'sender-chains', key);
  }

  #update<T>(
    room: RoomId,
    change: (kept: readonly OwnChain[]) => { readonly kept: readonly OwnChain[]; readonly result: T },
  ): Promise<T> {
    const { clock, sharing, state } = this.#options;
    const { copy } = sharing;
    const at = clock.wallTime();
    return state.update('sender-chains', room, (current) => {
      const record = parseRecord(senderChainsRecord, current);
      const known = record?.copy === copy ? record.chains.flatMap(ownChainOf) : [];
      const { kept, result } = change(known);
      const chains = kept
        .slice(-SENDER_CHAINS_MAX)
        .map(({ chain, ...rest }) => ({ ...rest, chain: idBytes(chain) }));
      const value = chains.length === 0 ? 'deleted' : packRecord(senderChainsRecord, { copy, at, chains });
      return { value, result };
    });
  }
}

/** A chain that nobody else sends on until it is given back. */
export class HeldChain {
  readonly #chains: SenderChains;
  readonly room: RoomId;
  own: OwnChain;

  constructor(chains: SenderChains, room: RoomId, own: OwnChain) {
    this.#chains = chains;
    this.room = room;
    this.own = own;
  }

  /** The message with the next number is stored at this position, with this H(header). */
  async acknowledged(position: number, headerHash: Uint8Array): Promise<void> {
    const { number, checked } = this.own;
    this.own = {
      ...this.own,
      number: number + 1,
      previousHash: headerHash,
      checked: position === checked + 1 ? position : checked,
    };
    // What can't be noted is only further back.
    if (this.own.number % NOTED_EVERY === 0)
      await this.#chains.replace(this.room, this.own, this.own).catch(() => undefined);
  }

  /** The message with the next number may be stored or not: nothing else gets that place. */
  async leave(): Promise<void> {
    this.own = await this.#chains.after(this.room, this.own);
  }

  async becomes(next: OwnChain): Promise<void> {
    await this.#chains.replace(this.room, this.own, next);
    this.own = next;
  }

  /** What can't be written leaves a chain that is held by a process that ended. */
  async giveBack(): Promise<void> {
    const { holder: _, ...free } = this.own;
    await this.#chains.replace(this.room, this.own, free).catch(() => undefined);
  }
}

/** Nothing of it is in the room up to a position. */
function newChain(checked: number): OwnChain {
  return { chain: freshId(parseChainId), number: 0, previousHash: new Uint8Array(0), checked };
}

/** A message of unknown fate may arrive late; readers rely on it that number 0 of a chain that is continued does not. */
function followed({ chain, number, previousHash, checked }: OwnChain): OwnChain {
  return number === 0 ? newChain(checked) : { chain: chainAfter(chain), number, previousHash, checked };
}

function ownChainOf({
  chain,
  ...rest
}: Omit<OwnChain, 'chain'> & { readonly chain: Uint8Array }): OwnChain[] {
  const id = parseChainId(chain);
  return id === undefined ? [] : [{ ...rest, chain: id }];
}
