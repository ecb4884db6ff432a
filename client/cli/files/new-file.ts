import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from '../../profile/private-files.ts';
import { localError } from '../../sdk/errors.ts';
import type { FileSink } from '../../sdk/files/file-source.ts';
import { numberedName } from './safe-name.ts';

const FILE_MODE = 0o600;
/** Names that are tried before a folder is given up. */
const NAMES_MAX = 1_000;

/** Where a new file goes: into a folder under a name of its own, or exactly to `path`, which is in that folder. */
export interface NewPlace {
  readonly folder: string;
  readonly path?: string;
}

/** What a path means for a new file. Rejects with ConclaveError when a file is there. */
export async function newPlace(path: string): Promise<NewPlace> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return { folder: path };
  if (found !== undefined) throw localError('profile_exists', 'file_exists', { path });
  return { folder: dirname(path), path };
}

export async function isFolderAt(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

/**
 * A file that has no name of its own before it is whole: it is written under a temporary one in its folder. Disposing it removes that.
 */
export class NewFile implements FileSink, AsyncDisposable {
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async in(folder: string): Promise<NewFile> {
    const path = join(folder, `.conclave-${randomBytes(6).toString('hex')}.part`);
    return new NewFile(path, await open(path, 'wx', FILE_MODE));
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#handle.writeFile(bytes);
  }

  /** Its name for good; `name` is for a place without one. Gives the path. Rejects with ConclaveError when there is a file. */
  async nameAt({ folder, path }: NewPlace, name: string): Promise<string> {
    if (path === undefined) return this.#nameFreely(folder, name);
    if (!(await this.#name(path))) throw localError('profile_exists', 'file_exists', { path });
    return path;
  }

  /** False, and nothing happens: there is a file of that name. */
  async #name(path: string): Promise<boolean> {
    await this.#handle.sync();
    try {
      // Unlike a rename, a link refuses to replace.
      await link(this.#path, path);
      return true;
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      // Some file systems have no links.
      if (!isErrno(error, 'EPERM') && !isErrno(error, 'ENOTSUP') && !isErrno(error, 'ENOSYS')) throw error;
    }
    try {
      await copyFile(this.#path, path, constants.COPYFILE_EXCL);
      return true;
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      throw error;
    }
  }

  /** The first name that is free: `NAME`, `NAME (1)` and so on. */
  async #nameFreely(folder: string, name: string): Promise<string> {
    for (let number = 0; number < NAMES_MAX; number += 1) {
      const path = join(folder, number === 0 ? name : numberedName(name, number));
      if (await this.#name(path)) return path;
    }
    throw localError('profile_exists', 'file_exists', { path: join(folder, name) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#handle.close();
    } finally {
      await rm(this.#path, { force: true });
    }
  }
}
