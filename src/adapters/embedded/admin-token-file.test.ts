import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAdminToken } from './admin-token-file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-token-'));
  file = join(folder, 'admin-token');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the admin token of a data directory', () => {
  it('is 32 random bytes that only the owner can read, and stays the same', () => {
    const token = openAdminToken(folder);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['admin-token']);
    expect(openAdminToken(folder)).toBe(token);
  });

  it('is made although a process died while it wrote one', () => {
    writeFileSync(`${file}.new`, 'half a tok', { mode: 0o644 });
    const token = openAdminToken(folder);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([0o640, 0o604])('is refused with mode %o: others can read it', (mode) => {
    openAdminToken(folder);
    chmodSync(file, mode);
    expect(() => openAdminToken(folder)).toThrow(/other users can read .*admin-token/);
  });

  it.each(['', 'short', 'two\nlines-that-are-long-enough'])('is refused when the file holds "%s"', (text) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(() => openAdminToken(folder)).toThrow('does not hold an admin token');
  });

  it('is refused with the reason when it cannot be read', () => {
    expect(() => openAdminToken(join(folder, 'missing'))).toThrow(/can't be used: ENOENT/);
  });
});
