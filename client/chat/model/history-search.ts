/** A search backwards through what was written before, that goes on with every letter. Never changed. */
export interface HistorySearch {
  /** Oldest first. */
  readonly entries: readonly string[];
  readonly query: string;
  /** The place of the entry that is found, or where the search goes on from. */
  readonly at: number;
  /** The entry; undefined when nothing was looked for yet, or the query is nowhere. */
  readonly found: string | undefined;
}

export const QUERY_CHARS_MAX = 200;

export function beginSearch(entries: readonly string[]): HistorySearch {
  return { entries, query: '', at: entries.length, found: undefined };
}

/** With the query as it is now written, beginning at the entry that is found. */
export function searchFor(search: HistorySearch, query: string): HistorySearch {
  const cut = query.slice(0, QUERY_CHARS_MAX);
  const narrowed = cut.startsWith(search.query) && search.query !== '';
  const from = narrowed ? search.at : search.entries.length - 1;
  if (cut === '') return beginSearch(search.entries);
  return { ...search, query: cut, ...match(search.entries, cut, from, -1) };
}

/** The next one further back that is another text; the same search when there is none. */
export function searchOlder(search: HistorySearch): HistorySearch {
  return another(search, -1);
}

export function searchNewer(search: HistorySearch): HistorySearch {
  return another(search, 1);
}

function another(search: HistorySearch, step: 1 | -1): HistorySearch {
  if (search.found === undefined) return search;
  const next = match(search.entries, search.query, search.at + step, step, search.found);
  return next.found === undefined ? search : { ...search, ...next };
}

function match(
  entries: readonly string[],
  query: string,
  from: number,
  step: 1 | -1,
  except?: string,
): Pick<HistorySearch, 'at' | 'found'> {
  const wanted = query.toLowerCase();
  for (let at = from; at >= 0 && at < entries.length; at += step) {
    const found = entries[at];
    if (found !== undefined && found !== except && found.toLowerCase().includes(wanted)) return { at, found };
  }
  return { at: from, found: undefined };
}
