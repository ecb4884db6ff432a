import { fuzzyRooms } from '../commands/fuzzy-rooms.ts';
import type { PickerDialog, PickerItem } from './dialog.ts';

/** The items that fit the query, the best first. */
export function matchingItems({ items, query, match }: PickerDialog): readonly PickerItem[] {
  if (match === 'words') return withWords(items, query.text);
  const byLabel = new Map(items.map((item) => [item.label, item]));
  return fuzzyRooms(query.text, [...byLabel.keys()]).flatMap((label) => byLabel.get(label) ?? []);
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
