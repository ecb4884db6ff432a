import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CELL_WIDTH_PX, terminalSvg } from '../../scripts/terminal-svg.ts';

const textElement = /<text x="(\d+)" y="(\d+)" textLength="(\d+)"[^>]*>([^<]*)<\/text>/g;

it('every word of a screen stands at its own column, so that no viewer has spaces to collapse', () => {
  const svg = terminalSvg('  ab   c\u001b[1md  e\u001b[22m\n漢字 f', {
    title: 'A screen',
    columns: 20,
    rows: 2,
  });
  const words = [...svg.matchAll(textElement)].map(([, x, , length, text]) => [
    text,
    (Number(x) - 14) / CELL_WIDTH_PX,
    Number(length) / CELL_WIDTH_PX,
  ]);
  expect(words).toEqual([
    ['ab', 2, 2],
    ['c', 7, 1],
    ['d', 8, 1],
    ['e', 11, 1],
    ['漢字', 0, 4],
    ['f', 5, 1],
  ]);
});

it('the picture of the README was made that way', () => {
  const svg = readFileSync('docs/chat.svg', 'utf8');
  const texts = [...svg.matchAll(textElement)].map(([, , , , text]) => text ?? '');
  expect(texts.length).toBeGreaterThan(50);
  expect(texts.filter((text) => text.includes(' '))).toEqual([]);
});
