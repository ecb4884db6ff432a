import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { chmod, type FileHandle, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { localError } from '../sdk/errors.ts';
import { shellQuoted } from './shell-quoted.ts';
import { unwritable } from './unwritable.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

/** Makes a directory and its parents for this user alone. Rejects with `profile_unwritable`. */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await makeDirectories(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Not by `recursive`: that says ENOENT on a read-only file system, and never resolves below /proc. */
async function makeDirectories(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  await makeDirectories(dirname(path));
  try {
    await mkdir(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    // Another process was faster.
    if (!(await isDirectory(path))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}

export async function makeFilePrivate(path: string): Promise<void> {
  await chmod(path, FILE_MODE);
}

/**
 * Rejects with `no_profile`, and the command that mends it, when a file or directory is another user's, or others than its
 * owner can use it.
 */
export async function requirePrivate(path: string): Promise<void> {
  // Windows has no such bits; its profiles are private by their folder.
  if (process.platform === 'win32') return;
  const found = await stat(path);
  const user = process.geteuid?.();
  if (user !== undefined && found.uid !== user)
    throw localError('no_profile', 'foreign_owner', { path, number: found.uid });
  if ((found.mode & OTHERS) === 0) return;
  const mode = found.isDirectory() ? '700' : '600';
  throw localError('no_profile', 'open_to_others', { mode, path, quoted: shellQuoted(path) });
}

/**
 * Puts a whole file in place, or nothing: whoever looks sees no half of it, and a crash leaves at most a stray `.tmp`.
 * With `overwrite: false` an existing file stays as it is; the answer then is 'exists'. Rejects with `profile_unwritable`.
 */
export async function writePrivateFile(
  path: string,
  content: Uint8Array,
  options: { readonly overwrite: boolean },
): Promise<'written' | 'exists'> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeSynced(temporary, content);
    if (options.overwrite) await rename(temporary, path);
    // Unlike a rename, a link refuses to replace.
    else await link(temporary, path);
    await syncDirectory(dirname(path));
    return 'written';
  } catch (error) {
    if (!options.overwrite && isErrno(error, 'EEXIST')) return 'exists';
    throw unwritable(path, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Puts a whole file in the place of an old one, as writePrivateFile does, in one synchronous step: for when a lock is held,
 * under which alone it may be called.
 */
export function replacePrivateFile(path: string, content: Uint8Array): void {
  // One name for all: what a crash left under it is written over.
  const temporary = `${path}.next`;
  withOpened(temporary, 'w', (file) => {
    writeFileSync(file, content);
    fsyncSync(file);
  });
  renameSync(temporary, path);
  if (process.platform !== 'win32') withOpened(dirname(path), 'r', fsyncSync);
}

function withOpened(path: string, flags: 'w' | 'r', work: (file: number) => void): void {
  const file = openSync(path, flags, FILE_MODE);
  try {
    work(file);
  } finally {
    closeSync(file);
  }
}

/** Refused by the operating system, unlike a bug. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function writeSynced(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  await closing(file, async () => {
    await file.writeFile(content);
    await file.sync();
  });
}

/** Without this, the name of a new file may be lost with the power. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await closing(directory, () => directory.sync());
}

async function closing(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await file.close();
  }
}
