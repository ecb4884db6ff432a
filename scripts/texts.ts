/** Prints every string for people with its key, to be read from beginning to end; with `--check`, finds those outside the catalogue. */
import { pathToFileURL } from 'node:url';
import { chatTexts } from '../client/texts/chat-texts.ts';
import { cliTexts } from '../client/texts/cli-texts.ts';
import { texts } from '../client/texts/texts.ts';
import { tuiTexts } from '../client/texts/tui-texts.ts';
import { webTexts } from '../client/texts/web-texts.ts';
import { strayTexts } from './texts/stray-texts.ts';

/** One line per string. A function is shown as it is written. */
export function listedTexts(area: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof area === 'string') return [`${path.join('.')}: ${area.replaceAll('\n', '\\n')}`];
  if (typeof area === 'function') return [`${path.join('.')}: ${String(area).replaceAll(/\s+/g, ' ')}`];
  if (area instanceof RegExp) return [`${path.join('.')}: ${area}`];
  if (typeof area !== 'object' || area === null) return [];
  return Object.entries(area).flatMap(([key, below]) => listedTexts(below, [...path, key]));
}

function main(): void {
  if (!process.argv.includes('--check')) {
    for (const line of listedTexts({ ...texts, ...cliTexts, chat: chatTexts, tui: tuiTexts, web: webTexts }))
      console.log(line);
    return;
  }
  const stray = strayTexts();
  for (const { place, text } of stray) console.error(`${place}: this belongs into client/texts: ${text}`);
  if (stray.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
