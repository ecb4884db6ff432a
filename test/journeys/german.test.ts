import { describe, expect, test } from 'vitest';
import { chatEnglish } from '../../client/texts/english/chat-english.ts';
import { english } from '../../client/texts/english/english.ts';
import { webEnglish } from '../../client/texts/english/web-english.ts';
import { eventually } from '../support/eventually.ts';
import type { PageUser } from '../support/web/page-user.ts';
import { pages } from '../support/web/pages.ts';

/** Every English text of several words that takes no values. */
function sentencesIn(texts: unknown): readonly string[] {
  if (typeof texts === 'string')
    return /\p{L}{2,} \p{L}{2,}/u.test(texts) && !texts.includes('{') ? [texts] : [];
  return typeof texts === 'object' && texts !== null ? Object.values(texts).flatMap(sentencesIn) : [];
}
const sentences = sentencesIn([english, chatEnglish, webEnglish]);

/** Nothing that is shown, or read to somebody, is in English. */
async function expectGerman({ page }: PageUser): Promise<void> {
  const shown = await page.evaluate(
    "document.body.textContent + [...document.querySelectorAll('[aria-label], [title], [placeholder]')].map((each) => ['aria-label', 'title', 'placeholder'].map((name) => each.getAttribute(name)).join(' ')).join(' ')",
  );
  expect(sentences.filter((sentence) => String(shown).includes(sentence))).toEqual([]);
}

describe('the page in a German browser', () => {
  const web = pages();

  test('speaks German from its first question to its help, and English where somebody chose that', async () => {
    const stage = await web.scene('carol');
    await stage.done('carol', 'create', 'Lobby');
    const ada = await web.open(stage.gateway.url, '/#room=Lobby', { locale: 'de-DE' });
    await ada.button('Neues Konto').waitFor();
    expect(await ada.page.evaluate('document.documentElement.lang')).toBe('de');
    await expectGerman(ada);
    await ada.button('Neues Konto').click();
    await ada.answer('Benutzernamen wählen', 'x');
    await ada.page.getByText('ein Benutzername hat 3 bis 20 Buchstaben (A bis Z) und Ziffern').waitFor();
    await expectGerman(ada);
    await ada.answer('Benutzernamen wählen', 'ada');
    await ada.answer('Passphrase für die Schlüssel von ada wählen', '');
    await ada.button('ja, ohne').waitFor();
    await expectGerman(ada);
    await ada.button('ja, ohne').click();
    await ada.page.getByRole('heading', { name: 'Sie sind ada' }).waitFor();
    await expectGerman(ada);
    await ada.button('ohne Sicherung weiter').click();
    await ada.page.getByRole('dialog', { name: 'Lobby beitreten?' }).waitFor();
    await expectGerman(ada);
    await ada.button('beitreten').click();
    await ada.page.getByText(/^offener Raum/).waitFor();
    await stage.done('carol', 'send', 'Lobby', 'guten Tag');
    await ada.shows('guten Tag');
    await expectGerman(ada);
    for (const [line, title] of [
      ['/help', 'Hilfe: tippen Sie, um zu suchen'],
      ['/verify carol', 'Sicherheitsnummer mit carol'],
      ['/leave', 'Lobby verlassen?'],
      ['/link', 'Ein neues Gerät verbinden?'],
    ] as const) {
      await ada.line(line);
      await ada.page.getByRole('dialog', { name: title }).waitFor();
      await expectGerman(ada);
      await ada.page.keyboard.press('Escape');
      await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    for (const line of ['/retention', '/nonsense']) {
      await ada.line(line);
      await ada.page.locator('.notices').getByText(line).waitFor();
      await expectGerman(ada);
      await ada.input.fill('');
    }
    await ada.page.getByLabel('Menü').click();
    await ada.button('Einstellungen …').click();
    await ada.page.getByRole('dialog', { name: 'Einstellungen' }).waitFor();
    await expectGerman(ada);
    await ada.page.getByLabel('Sprache').selectOption('en');
    await ada.page.reload();
    await ada.isIn('Lobby');
    expect(await ada.page.evaluate('document.documentElement.lang')).toBe('en');
    await eventually(() => expect(ada.complaints).toEqual([]));
  });
});
