import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolders } from './make-folders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('missing folders are made with the mode that was asked for, and those that exist keep theirs', () => {
  const [outer, inner] = [join(folder, 'outer'), join(folder, 'outer', 'inner')];
  makeFolders(outer, 0o750);
  makeFolders(inner);
  makeFolders(inner, 0o755);
  expect([modeOf(outer), modeOf(inner)]).toEqual([0o750, 0o700]);
});

test('a folder that cannot be made is refused with the error of the system', () => {
  expect(() => makeFolders('/proc/conclave/folder')).toThrow('ENOENT');
});
