import type { Anchor, Stretch } from '../../chat/model/room-model.ts';
import { keyOf } from './timeline-items.ts';

interface Shown {
  readonly rows: number;
  /** The first and the last position of which something is in sight; undefined: none is. */
  readonly stretch: Stretch | undefined;
}

export function boxOf(scroller: HTMLElement, key: string): DOMRect | undefined {
  return scroller.querySelector(`#item-${key}`)?.getBoundingClientRect();
}

/** How far the timeline is scrolled when the anchor is in its place. */
export function topFor(scroller: HTMLElement, anchor: Anchor | undefined): number {
  const box = anchor && boxOf(scroller, keyOf(anchor.item));
  const end = scroller.scrollHeight - scroller.clientHeight;
  if (anchor === undefined || box === undefined) return end;
  const top = box.top - scroller.getBoundingClientRect().top + scroller.scrollTop;
  const free = scroller.clientHeight - box.height;
  const place = { start: top + anchor.offset, center: top - free / 2, end: top - free - anchor.offset };
  return Math.round(Math.max(0, Math.min(end, place[anchor.block])));
}

export function shownIn(scroller: HTMLElement): Shown {
  const { bottom, top } = scroller.getBoundingClientRect();
  let rows = 0;
  let stretch: Stretch | undefined;
  for (const row of scroller.children) {
    const box = row.getBoundingClientRect();
    if (box.bottom <= top) continue;
    if (box.top >= bottom) break;
    rows += 1;
    const seq = Number(row.querySelector<HTMLElement>('[data-seq]')?.dataset['seq']);
    if (!Number.isNaN(seq)) stretch = { from: stretch?.from ?? seq, to: seq };
  }
  return { rows, stretch };
}
