import type { Timeline } from './timeline.ts';

export interface Link {
  readonly url: string;
  readonly from: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

const address = /\bhttps?:\/\/[^\s<>"'`]+/giu;
/** What ends a sentence or closes a bracket around an address is no part of it. */
const ending = /[.,;:!?)\]}]+$/;

/** An address in a text; offsets in UTF-16 units. */
export interface Address {
  readonly url: string;
  readonly start: number;
  readonly end: number;
}

export function addressesIn(text: string): readonly Address[] {
  return [...text.matchAll(address)].map(({ 0: match, index }) => {
    const url = match.replace(ending, '');
    return { url, start: index, end: index + url.length };
  });
}

/** The addresses in the messages that are loaded or on their way, newest first, each once, and at most `most`. */
export function linksOf({ entries, echoes }: Timeline, most: number): readonly Link[] {
  const found = new Map<string, Link>();
  const items = [...entries, ...echoes];
  for (let at = items.length - 1; at >= 0 && found.size < most; at -= 1) {
    const item = items[at];
    if (item === undefined || ('kind' in item && (item.kind !== 'message' || item.status !== 'ok'))) continue;
    for (const { url } of addressesIn(item.text))
      if (!found.has(url)) found.set(url, { url, from: item.from, at: item.at });
  }
  return [...found.values()].slice(0, most);
}
