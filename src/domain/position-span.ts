/** Positions of one room, both ends inclusive. */
export interface PositionSpan {
  readonly from: number;
  readonly through: number;
}

/** A row of a page: it speaks for `seq`, and with `from` for every position from there to `seq`. */
export interface SpokenFor {
  readonly seq: number;
  readonly from?: number;
}

/** The parts of a span that no row speaks for, ascending. Rows may come in either order. */
export function gapsIn({ from, through }: PositionSpan, rows: readonly SpokenFor[]): readonly PositionSpan[] {
  const gaps: PositionSpan[] = [];
  let next = from;
  for (const row of [...rows].sort((a, b) => a.seq - b.seq)) {
    const first = row.from ?? row.seq;
    if (first > through) break;
    if (first > next) gaps.push({ from: next, through: first - 1 });
    next = Math.max(next, row.seq + 1);
  }
  if (next <= through) gaps.push({ from: next, through });
  return gaps;
}

/** The part of a row's positions that lies between the bounds; undefined when there is none. */
export function clipped(
  { from, through }: PositionSpan,
  after: number,
  last: number,
): PositionSpan | undefined {
  const part = { from: Math.max(from, after + 1), through: Math.min(through, last) };
  return part.from <= part.through ? part : undefined;
}
