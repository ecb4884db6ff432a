/**
 * The tree of RFC 9162, 2.1: nodes are joined in pairs from the left, and a last one without a partner moves up as it is.
 * What a node is, and what joining two of them costs, is the caller's: a hash, or the promise of one.
 */

export type Join<Node> = (left: Node, right: Node) => Node;

/** Every level of the tree, the leaves first, the top alone in the last. Throws RangeError without a leaf. */
export function merkleLevels<Node>(leaves: readonly Node[], join: Join<Node>): readonly (readonly Node[])[] {
  if (leaves.length === 0) throw new RangeError('a tree has a leaf');
  const levels: (readonly Node[])[] = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) level = joinPairs(level, join);
  return levels;
}

export function merkleTop<Node>(levels: readonly (readonly Node[])[]): Node {
  const [top] = levels.at(-1) ?? [];
  if (top === undefined) throw new RangeError('a tree has a top');
  return top;
}

/** What a leaf is joined with on its way up: at most one node of each level. */
export function merklePath<Node>(levels: readonly (readonly Node[])[], index: number): readonly Node[] {
  const path: Node[] = [];
  let at = index;
  for (const level of levels) {
    const partner = level[at ^ 1];
    if (partner !== undefined) path.push(partner);
    at >>= 1;
  }
  return path;
}

/** A leaf's place among all of them. */
export interface LeafPlace {
  readonly index: number;
  readonly count: number;
}

/** The top to which a leaf and its path lead. Undefined: there is no such place, or no path of this length leads up from it. */
export function topOfPath<Node>(
  leaf: Node,
  { index, count }: LeafPlace,
  path: readonly Node[],
  join: Join<Node>,
): Node | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return undefined;
  let [node, at, width, used] = [leaf, index, count, 0];
  for (; width > 1; width = Math.ceil(width / 2), at = Math.floor(at / 2)) {
    const isRight = at % 2 === 1;
    if (!isRight && at === width - 1) continue;
    const partner = path[used];
    if (partner === undefined) return undefined;
    node = isRight ? join(partner, node) : join(node, partner);
    used += 1;
  }
  return used === path.length ? node : undefined;
}

function joinPairs<Node>(level: readonly Node[], join: Join<Node>): readonly Node[] {
  const next: Node[] = [];
  for (const [index, left] of level.entries()) {
    if (index % 2 === 1) continue;
    const right = level[index + 1];
    next.push(right === undefined ? left : join(left, right));
  }
  return next;
}
