/** Positions `from` to `through` of a room, of which a reader was given everything that lived at the time. */
export interface ReadPiece {
  readonly from: number;
  readonly through: number;
  /** No copy in it is older than this: milliseconds since 1970 UTC, by the server. */
  readonly at: number;
}

/** What a room's pages spoke for, as stored. Ascending, without overlaps. */
export interface ReadPieces {
  /** Days for which the room kept copies while they were read. */
  readonly retention: number;
  readonly pieces: readonly ReadPiece[];
}

/** A page as its reader got it: it speaks for these positions, whatever it holds of them. */
export interface ReadPage {
  readonly from: number;
  readonly through: number;
  /** In days; 0: nothing is stored, and a page speaks for no more than what it holds. */
  readonly retention: number;
  /** A copy from before this may be gone by now. Milliseconds since 1970 UTC. */
  readonly aliveAfter: number;
}

/** Beyond it the oldest become one, and what does not touch is forgotten. */
export const READ_PIECES_MAX = 64;
/** Pieces that touch become one when their copies are about as old. */
const SAME_AGE_MS = 3_600_000;

interface PlacedCopy {
  readonly seq: number;
  readonly at: number;
}

/** With a page added. Of another retention than before nothing is kept: what it has ended is not known here. */
export function withPage(
  known: ReadPieces | undefined,
  page: ReadPage,
  copies: readonly PlacedCopy[],
): ReadPieces {
  const { retention } = page;
  const before = known?.retention === retention ? known.pieces : [];
  const oldestAt = Math.min(...copies.map(({ at }) => at));
  const added =
    retention === 0
      ? copies.map(({ seq, at }) => ({ from: seq, through: seq, at }))
      : [{ from: page.from, through: page.through, at: oldestAt }];
  const pieces = added.flatMap((piece) => remaindersOf(piece, before));
  if (pieces.length === 0 && known?.retention === retention) return known;
  return { retention, pieces: bounded(joined([...before, ...pieces])) };
}

/**
 * Whether everything between a copy at `after` and one at `before` was read, and was certainly not over its time: the copy
 * at `after` lives, so what came after it does too.
 */
export function isReadBetween(
  { pieces }: ReadPieces,
  after: number,
  before: number,
  aliveAfter: number,
): boolean {
  let at = pieces.findIndex((piece) => piece.from <= after && after <= piece.through);
  const first = pieces[at];
  if (first === undefined || first.at <= aliveAfter) return false;
  let { through } = first;
  for (at += 1; through < before - 1 && pieces[at]?.from === through + 1; at += 1)
    through = pieces[at]?.through ?? through;
  return through >= before - 1;
}

/** The parts of a piece that none of these has. */
function remaindersOf({ from, through, at }: ReadPiece, others: readonly ReadPiece[]): readonly ReadPiece[] {
  const parts: ReadPiece[] = [];
  let next = from;
  for (const other of others) {
    if (other.through < next || other.from > through) continue;
    if (other.from > next) parts.push({ from: next, through: other.from - 1, at });
    next = other.through + 1;
  }
  if (next <= through) parts.push({ from: next, through, at });
  return parts;
}

function joined(pieces: readonly ReadPiece[]): readonly ReadPiece[] {
  const result: ReadPiece[] = [];
  for (const piece of [...pieces].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && touch(last, piece) && areSameAge(last, piece))
      result[result.length - 1] = both(last, piece);
    else result.push(piece);
  }
  return result;
}

function bounded(pieces: readonly ReadPiece[]): readonly ReadPiece[] {
  const left = [...pieces];
  while (left.length > READ_PIECES_MAX) {
    const at = left.findIndex((piece, i) => touch(piece, left[i + 1]));
    const [lower, upper] = [left[at], left[at + 1]];
    if (lower === undefined || upper === undefined) left.shift();
    else left.splice(at, 2, both(lower, upper));
  }
  return left;
}

function touch(lower: ReadPiece, upper: ReadPiece | undefined): boolean {
  return lower.through + 1 === upper?.from;
}

/** A piece without copies is of any age. */
function areSameAge(a: ReadPiece, b: ReadPiece): boolean {
  return !Number.isFinite(a.at) || !Number.isFinite(b.at) || Math.abs(a.at - b.at) <= SAME_AGE_MS;
}

function both(lower: ReadPiece, upper: ReadPiece): ReadPiece {
  return { from: lower.from, through: upper.through, at: Math.min(lower.at, upper.at) };
}
