import { cellsOf } from '../client/terminal/text-width.ts';
import { launchChromium } from '../test/support/web/chromium.ts';
import { CELL_WIDTH_PX } from './terminal-svg.ts';

/** How far a word may be from the width of its cells before the browser has to squeeze or stretch it visibly. */
const STRETCH_MAX = 0.15;

/**
 * Words of a picture that a current Chromium draws wider or narrower than their cells, or with characters missing. Only
 * words of one-cell characters are measured: fonts for the others differ from machine to machine.
 */
export async function pictureFaults(svg: string): Promise<readonly string[]> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.setContent(svg);
    const drawn = await page.locator('text').evaluateAll((texts) =>
      (texts as unknown as readonly MeasuredText[]).map((text) => {
        text.removeAttribute('textLength');
        return {
          text: text.textContent,
          characters: text.getNumberOfChars(),
          px: text.getComputedTextLength(),
        };
      }),
    );
    return drawn.flatMap(({ text, characters, px }) => {
      const cells = [...cellsOf(text)];
      if (cells.some(({ width }) => width !== 1)) return [];
      const wanted = cells.length * CELL_WIDTH_PX;
      if (characters === text.length && Math.abs(px - wanted) <= STRETCH_MAX * wanted) return [];
      return [`"${text}" is ${px} px wide with ${characters} characters, not ${wanted} px`];
    });
  } finally {
    await browser.close();
  }
}

/** What is used of an SVGTextElement: scripts are checked without the DOM's types. */
interface MeasuredText {
  readonly textContent: string;
  removeAttribute(name: string): void;
  getNumberOfChars(): number;
  getComputedTextLength(): number;
}
