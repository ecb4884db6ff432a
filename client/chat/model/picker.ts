import { go } from 'fuzzysort';
import type { PickerDialog, PickerItem } from './dialog.ts';

type Picker = Pick<PickerDialog, 'items' | 'query' | 'match'>;

/** The items that fit the query, the best first. */
export function matchingItems({ items, query, match }: Picker): readonly PickerItem[] {
  return match === 'words' ? withWords(items, query) : withLetters(items, query);
}

/** The items whose label has the letters of the query in their order. */
function withLetters(items: readonly PickerItem[], query: string): readonly PickerItem[] {
  const wanted = query.trim();
  if (wanted === '') return items;
  return go(wanted, items, { key: 'label', limit: 0, threshold: 0 }).map(({ obj }) => obj);
}

/** The items that hold every word of the query, those whose label begins with the first of them first. */
function withWords(items: readonly PickerItem[], query: string): readonly PickerItem[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return items;
  const found = items.filter(({ label, detail }) => {
    const text = `${label} ${detail}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const startsWith = ({ label }: PickerItem): number => Number(label.toLowerCase().startsWith(first));
  return found.toSorted((a, b) => startsWith(b) - startsWith(a));
}
