import type { Gemoji } from 'gemoji';

/** More are not looked through one by one. */
const FOUND_MAX = 20;

/** The emoji with a short name that begins like this, the shortest name first. */
export function emojiCalled(prefix: string, known: readonly Gemoji[]): readonly string[] {
  const wanted = prefix.toLowerCase();
  return known
    .flatMap(({ emoji, names }) =>
      names.filter((name) => name.startsWith(wanted)).map((name) => ({ emoji, name })),
    )
    .sort((a, b) => a.name.length - b.name.length)
    .map(({ emoji }) => emoji)
    .slice(0, FOUND_MAX);
}

/** Loaded when the first one is asked for: most people who chat never do. */
export async function knownEmoji(): Promise<readonly Gemoji[]> {
  return (await import('gemoji')).gemoji;
}
