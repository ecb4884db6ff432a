import { encode } from 'uqr';

/** Light modules around the code, without which scanners don't find it. */
const QUIET_MODULES = 4;

/** Which modules the foreground of the terminal is: `dark` where colours are set, `light` on a dark screen without any. */
export type QrInk = 'dark' | 'light';

/**
 * A QR code in half blocks, two modules a character cell, so that they are square. All rows have the same width, one
 * column a module, with the quiet zone. Digits alone make the smallest code.
 */
export function qrRows(text: string, ink: QrInk): readonly string[] {
  const { data } = encode(text, { ecc: 'M', border: QUIET_MODULES });
  const isInk = (x: number, y: number): boolean => (data[y]?.[x] ?? false) === (ink === 'dark');
  const rows: string[] = [];
  for (let y = 0; y < data.length; y += 2)
    rows.push(data.map((_, x) => halves(isInk(x, y), isInk(x, y + 1))).join(''));
  return rows;
}

function halves(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}

/** Dark on light whatever the terminal's own colours are: the eight colours that every terminal has. */
const BLACK_ON_WHITE = '\u001b[30;47m';
const COLOURS_OFF = '\u001b[0m';

/** A row of a code whose ink is dark, as it is written to a terminal. */
export function blackOnWhite(row: string): string {
  return `${BLACK_ON_WHITE}${row}${COLOURS_OFF}`;
}
