import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing; `mode` is that of each. Not by `recursive`: that says ENOENT on a read-only
 * file system, and never returns below /proc. Throws the system's error.
 */
export function makeFolders(path: string, mode = 0o700): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process was faster.
    if (!existsSync(path)) throw error;
  }
}
