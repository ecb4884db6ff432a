import type { Anchor } from '../../chat/model/room-model.ts';
import { keyOf } from './timeline-items.ts';

interface Shown {
  readonly first: number;
  readonly last: number;
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

/** The positions of which something is in sight. */
export function shownIn(scroller: HTMLElement): Shown | undefined {
  const { bottom, top } = scroller.getBoundingClientRect();
  let first: number | undefined;
  let last: number | undefined;
  for (const message of scroller.querySelectorAll<HTMLElement>('[data-seq]')) {
    const box = message.getBoundingClientRect();
    if (box.bottom <= top || box.top >= bottom) continue;
    const seq = Number(message.dataset['seq']);
    first ??= seq;
    last = seq;
  }
  return first === undefined || last === undefined ? undefined : { first, last };
}
