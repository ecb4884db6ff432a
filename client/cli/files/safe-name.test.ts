import { basename } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../../test/support/protocol/arbitraries.ts';
import { numberedName, safeName } from './safe-name.ts';

test.each([
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\eve\\evil.exe', 'evil.exe'],
  ['/absolute', 'absolute'],
  ['.bashrc', 'bashrc'],
  ['...', 'file'],
  ['', 'file'],
  ['..', 'file'],
  ['a/', 'file'],
  ['con', '_con'],
  ['NUL.txt', '_NUL.txt'],
  ['com1.tar.gz', '_com1.tar.gz'],
  ['LPT²', '_LPT²'],
  ['console.log', 'console.log'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['line\nbreak\u0007.txt', 'linebreak.txt'],
  ['a:b*c?.txt', 'a_b_c_.txt'],
  ['trailing. . ', 'trailing'],
  ['Ferien 🏖.jpg', 'Ferien 🏖.jpg'],
  ['cafe\u0301.txt', 'caf\u00e9.txt'],
])('the name %j is stored as %j', (given, safe) => {
  expect(safeName(given)).toBe(safe);
});

test('a long name keeps its extension and fits any file system', () => {
  const safe = safeName(`${'ü'.repeat(300)}.jpeg`);
  expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
  expect(safe).toMatch(/^ü+\.jpeg$/);
});

test('a number stands before the extension', () => {
  expect(numberedName('photo.tar.gz', 2)).toBe('photo.tar (2).gz');
  expect(numberedName('README', 3)).toBe('README (3)');
});

test('whatever the name, what is stored is one plain name in the folder, and stays it', () => {
  const parts = fc.constantFrom(
    '..',
    '/',
    '\\',
    '.',
    'con',
    'a',
    '\u0000',
    '\u202e',
    ' ',
    '\ud800',
    ':',
    '🏖',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        fc.array(parts).map((all) => all.join('')),
      ),
      (given) => {
        const safe = safeName(given);
        expect(safe).not.toBe('');
        expect(basename(safe)).toBe(safe);
        expect(safe).not.toMatch(/^\.|[\p{Cc}\p{Cf}/\\]|[. ]$/u);
        expect(safeName(safe)).toBe(safe);
      },
    ),
  );
});
