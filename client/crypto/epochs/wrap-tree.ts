import { concatBytes } from '../../../src/protocol/bytes.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { epochLeafInput, epochNodeInput } from '../../../src/protocol/layouts/epoch-inputs.ts';
import {
  type LeafPlace,
  merkleLevels,
  merklePath,
  merkleTop,
  topOfPath,
} from '../../../src/protocol/layouts/merkle-tree.ts';
import { HASH_BYTES } from '../../../src/protocol/limits.ts';
import { sha256 } from '../web-crypto.ts';

type Node = Promise<Uint8Array>;

const join = async (left: Node, right: Node): Node => sha256(epochNodeInput(await left, await right));

const leafOf = (user: UserId, wrap: Uint8Array): Node => sha256(epochLeafInput(user, wrap));

export interface WrapTree {
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Of the wrap at this index: 32 bytes for each level with a partner. */
  pathOf(index: number): Promise<Uint8Array>;
}

/** The tree over wraps in ascending order of user id. Throws RangeError without any. */
export async function wrapTree(
  wraps: readonly { readonly user: UserId; readonly bytes: Uint8Array }[],
): Promise<WrapTree> {
  const levels = merkleLevels(
    wraps.map(({ user, bytes }) => leafOf(user, bytes)),
    join,
  );
  return {
    root: await merkleTop(levels),
    pathOf: async (index) => concatBytes(...(await Promise.all(merklePath(levels, index)))),
  };
}

/** The root to which a user's wrap leads by its path. Undefined: the path is of another length than one from this place. */
export async function rootOfWrap(
  user: UserId,
  wrap: Uint8Array,
  place: LeafPlace,
  path: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (path.length % HASH_BYTES !== 0) return undefined;
  const partners = Array.from({ length: path.length / HASH_BYTES }, (_, level) =>
    Promise.resolve(path.slice(level * HASH_BYTES, (level + 1) * HASH_BYTES)),
  );
  return topOfPath(leafOf(user, wrap), place, partners, join);
}
