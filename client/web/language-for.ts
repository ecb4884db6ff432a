import type { Preferences } from './preferences.ts';

/** The language that somebody chose, or the first of the browser's that there is. */
export function languageFor(chosen: Preferences['language'], wished: readonly string[]): 'en' | 'de' {
  if (chosen !== 'auto') return chosen;
  const languages = wished.map((tag) => tag.split('-')[0]?.toLowerCase());
  return languages.find((language) => language === 'en' || language === 'de') ?? 'en';
}
