import { type ChainId, parseChainId } from '../../src/protocol/ids.ts';

/** Chains that may follow each other without a message between two that are known. */
export const FOLLOWING_CHAINS_MAX = 16;

const ID_BITS = 128;

/** The chain that goes on where this one was left with a message of unknown fate: the next id as a number. */
export function chainAfter(chain: ChainId): ChainId {
  return movedBy(chain, 1n);
}

/** The chain that this one continues, if it continues any. */
export function chainBefore(chain: ChainId): ChainId {
  return movedBy(chain, -1n);
}

/** Whether it is this chain, or one of those that follow it. */
export function isSameOrLater(chain: ChainId, first: ChainId): boolean {
  return BigInt.asUintN(ID_BITS, numberOf(chain) - numberOf(first)) <= BigInt(FOLLOWING_CHAINS_MAX);
}

function movedBy(chain: ChainId, step: bigint): ChainId {
  const moved = BigInt.asUintN(ID_BITS, numberOf(chain) + step);
  const id = parseChainId(moved.toString(16).padStart(ID_BITS / 4, '0'));
  if (id === undefined) throw new TypeError('a chain id is 128 bits');
  return id;
}

function numberOf(chain: ChainId): bigint {
  return BigInt(`0x${chain}`);
}
