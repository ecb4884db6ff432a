import { randomBytes } from 'node:crypto';
import { suiteTwo } from '../../client/crypto/epochs/suite-two.ts';
import { suiteOne } from '../../client/crypto/suite-one.ts';
import { encodeRequest } from '../../src/protocol/client-codec.ts';
import { type ChainId, parseChainId, parseMessageId } from '../../src/protocol/ids.ts';
import { senderOf, sendRequestId } from '../cast.ts';
import type { Account } from '../wire/accounts.ts';
import { asMembers, type PreparedRoom } from '../wire/first-epoch.ts';

export interface FramePlan {
  readonly count: number;
  /** The first so many members send, by turns. */
  readonly senders: number;
  readonly textBytes: number;
}

/**
 * Requests `send` that real clients could have made: sealed for every member, or under the epoch, signed, chained. They hold as long as the
 * room's roster does, and for one run: a message that comes a second time is answered as a repeat.
 */
export async function* preparedFrames(room: PreparedRoom, plan: FramePlan): AsyncGenerator<Uint8Array> {
  const members = await asMembers(room.members);
  const senders = room.members.slice(0, plan.senders).map((account) => new Chain(account));
  for (let index = 0; index < plan.count; index += 1) {
    const chain = senders[senderOf(index, plan.senders)];
    if (chain === undefined) throw new RangeError('more senders than members');
    const message = {
      ...{ messageId: newMessageId(), room: room.room, sender: chain.account.user, keys: chain.account.keys },
      ...{ chain: chain.id, number: chain.number, previousHash: chain.previousHash },
      ...{ roomSecret: undefined, sentAt: Date.now() },
      content: { type: 'text', text: textOf(index, plan.textBytes) },
    } as const;
    const { header, headerHash, ciphertext, wraps } =
      room.epoch === undefined
        ? await suiteOne.seal({ ...message, rosterVersion: room.version, members, passwordNumber: 0 })
        : await suiteTwo.seal({ ...message, epoch: room.epoch, seen: NOTHING_SEEN });
    chain.number += 1;
    chain.previousHash = headerHash;
    const body = { room: room.room, version: room.version, header, ciphertext, wraps };
    yield encodeRequest('send', sendRequestId(index), body);
  }
}

const NOTHING_SEEN = { position: 0, headerHash: new Uint8Array(0) };

class Chain {
  readonly account: Account;
  readonly id: ChainId = newChainId();
  number = 0;
  previousHash: Uint8Array = new Uint8Array(0);

  constructor(account: Account) {
    this.account = account;
  }
}

/** Each its own, and of exactly that length. */
function textOf(index: number, bytes: number): string {
  return `${index} `.padEnd(bytes, 'conclave ').slice(0, bytes);
}

function newMessageId(): NonNullable<ReturnType<typeof parseMessageId>> {
  const id = parseMessageId(randomBytes(16));
  if (id === undefined) throw new TypeError('16 bytes are an id');
  return id;
}

function newChainId(): ChainId {
  const id = parseChainId(randomBytes(16));
  if (id === undefined) throw new TypeError('16 bytes are an id');
  return id;
}
