import { go } from 'fuzzysort';

/** The names that have the letters of the query in their order, best first; all of them for an empty one. */
export function fuzzyRooms(query: string, names: readonly string[]): readonly string[] {
  const wanted = query.trim();
  if (wanted === '') return names;
  return go(wanted, names, { limit: 0, threshold: 0 }).map(({ target }) => target);
}
