import type { PickerDialog, PickerItem } from './dialog.ts';

type Picker = Pick<PickerDialog, 'items' | 'query' | 'match'>;

/** The items that fit the query, the best first. */
export function matchingItems({ items, query, match }: Picker): readonly PickerItem[] {
  return match === 'words' ? withWords(items, query) : withLetters(items, query);
}

/**
 * The items whose label has the letters of the query in their order. Some ten lines here, as a package for it would be a twentieth of
 * what a first visit of the page loads.
 */
function withLetters(items: readonly PickerItem[], query: string): readonly PickerItem[] {
  const wanted = query.toLowerCase().replaceAll(/\s/g, '');
  if (wanted === '') return items;
  return items
    .map((item) => ({ item, spread: spreadOf(wanted, item.label.toLowerCase()) }))
    .filter(({ spread }) => spread !== undefined)
    .toSorted((a, b) => (a.spread ?? 0) - (b.spread ?? 0))
    .map(({ item }) => item);
}

/** The less, the better: from where in a label the letters stand, and how far apart; undefined: it lacks one. */
function spreadOf(letters: string, label: string): number | undefined {
  const whole = label.indexOf(letters);
  if (whole >= 0) return whole;
  let last = -1;
  for (const letter of letters) {
    last = label.indexOf(letter, last + 1);
    if (last < 0) return undefined;
  }
  // Behind any label that has them side by side.
  return label.length + last;
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
