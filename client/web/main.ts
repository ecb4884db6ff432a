import { speak } from '../texts/language.ts';
import { languageFor } from './language-for.ts';
import { PreferenceStore } from './preferences.ts';

/** The language first: whatever is loaded afterwards takes its words from it. */
async function begin(): Promise<void> {
  const preferences = new PreferenceStore();
  const language = languageFor(preferences.current.language, navigator.languages);
  document.documentElement.lang = language;
  if (language === 'de') speak((await import('../texts/german/catalogue.ts')).german);
  const { openPage } = await import('./page.tsx');
  await openPage(preferences);
}

void begin();
