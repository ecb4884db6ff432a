import { describe, expect, test } from 'vitest';
import { scannedCode } from '../../test/support/terminal/scanned-code.ts';
import { blackOnWhite, qrRows } from './qr.ts';

const digits = Array.from({ length: 12 }, (_, i) => String(10_000 + i * 7_919).slice(0, 5)).join('');
describe('a QR code on a terminal', () => {
  test('is read back as what was drawn, black on white', () => {
    expect(scannedCode(qrRows(digits, 'dark'), 'dark')).toBe(digits);
  });

  test('without colours is right on a dark screen', () => {
    expect(scannedCode(qrRows(digits, 'light'), 'light')).toBe(digits);
  });

  test('of a safety number fits into 80×24 with room to spare, in rows of one width', () => {
    const rows = qrRows(digits, 'dark');
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([33]));
    expect(rows.length).toBeLessThanOrEqual(17);
  });

  test('sets its own colours on each row, and ends them there', () => {
    expect(blackOnWhite('█▀ ')).toBe('\u001b[30;47m█▀ \u001b[0m');
  });
});
