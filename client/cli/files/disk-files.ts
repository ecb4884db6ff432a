import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, opendir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ChosenFile, FaceFiles, FileTarget } from '../../chat/files/face-files.ts';
import { ConclaveError, localError } from '../../sdk/errors.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import type { LocalFault } from '../../texts/texts.ts';
import { CommandFailure } from '../exit-codes.ts';
import { homeFolder } from '../home-folder.ts';
import { systemFaultOf } from '../system-fault.ts';
import { openLocalFile } from './local-file.ts';
import { isFolderAt, NewFile, type NewPlace, newPlace } from './new-file.ts';
import { safeName } from './safe-name.ts';

/** Names of a folder that are looked at, and those that are offered, when a path is completed. */
const NAMES_MAX = 10_000;
const OFFERED_MAX = 100;

type Environment = Readonly<Record<string, string | undefined>>;
type Faults = Readonly<Partial<Record<LocalFault, LocalFault>>>;

const reading: Faults = { not_permitted: 'file_not_permitted' };
const writing: Faults = { file_missing: 'folder_missing' };

/** The disk as the chat uses it. What it was asked to open is kept in a folder of its own until it is disposed, or the process exits. */
export class DiskFiles implements FaceFiles, AsyncDisposable {
  readonly #environment: Environment;
  #removeNow: () => void = () => undefined;
  #openedIn: Promise<string> | undefined;

  /** `environment`: for the program that opens files and links; `CONCLAVE_OPENER` is a command of the shell. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async choose(given: string | undefined): Promise<ChosenFile> {
    if (given === undefined) throw new ConclaveError('usage', cliTexts.usage.send_path);
    const path = resolve(expanded(given));
    const open = async () => {
      const file = await told(path, reading, () => openLocalFile(path));
      const { source } = file;
      const read: typeof source.read = (...part) => told(path, reading, () => source.read(...part));
      return { ...source, read, close: async () => file[Symbol.asyncDispose]() };
    };
    const { name, type, size, close } = await open();
    await close();
    return { name, type, size, open };
  }

  async saving(name: string, given = '.'): Promise<FileTarget> {
    return target(await newPlace(resolve(expanded(given))), name);
  }

  async opening(name: string): Promise<FileTarget> {
    // One that could not be made is tried again.
    this.#openedIn ??= this.#privateFolder().catch((error: unknown) => {
      this.#openedIn = undefined;
      throw error;
    });
    return target({ folder: await this.#openedIn }, name);
  }

  open(what: string, failed: (error: ConclaveError) => void): void {
    const { CONCLAVE_OPENER: chosen = '' } = this.#environment;
    const command = chosen.trim() || openers[process.platform] || 'xdg-open';
    const env = { ...this.#environment };
    const child = spawn('/bin/sh', ['-c', `${command} "$1"`, 'sh', what], {
      ...{ detached: true, stdio: 'ignore', env },
    });
    const fail = (): void =>
      failed(new ConclaveError('usage', filled(cliTexts.usage.opener, { command, what: visibleLine(what) })));
    child.once('error', fail);
    child.once('exit', (code) => {
      if (code !== 0) fail();
    });
    child.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#openedIn?.catch(() => undefined);
    this.#removeNow();
    process.off('exit', this.#removeNow);
  }

  async #privateFolder(): Promise<string> {
    const folder = await told(tmpdir(), writing, () => mkdtemp(join(tmpdir(), 'conclave-')));
    this.#removeNow = () => rmSync(folder, { recursive: true, force: true });
    process.on('exit', this.#removeNow);
    return folder;
  }

  async paths(beginning: string): Promise<readonly string[]> {
    if (beginning === '~') return ['~/'];
    const folder = beginning.slice(0, beginning.lastIndexOf('/') + 1);
    const begun = beginning.slice(folder.length);
    const found: string[] = [];
    try {
      let looked = 0;
      for await (const entry of await opendir(folder === '' ? '.' : expanded(folder))) {
        const { name } = entry;
        const isHidden = name.startsWith('.') && !begun.startsWith('.');
        if (name.startsWith(begun) && !isHidden && visibleLine(name) === name) {
          const isFolder = entry.isSymbolicLink()
            ? await isFolderAt(join(expanded(folder), name))
            : entry.isDirectory();
          found.push(`${folder}${name}${isFolder ? '/' : ''}`);
        }
        looked += 1;
        if (looked === NAMES_MAX) break;
      }
    } catch {
      // What can't be read completes nothing.
    }
    return found.sort().slice(0, OFFERED_MAX);
  }
}

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open' };

async function target(place: NewPlace, given: string): Promise<FileTarget> {
  const name = safeName(given);
  const written = <T>(work: () => Promise<T>): Promise<T> => told(place.folder, writing, work);
  const file = await written(() => NewFile.in(place.folder));
  return {
    name,
    write: (bytes) => written(() => file.write(bytes)),
    keep: () => written(() => file.nameAt(place, name)),
    close: async () => file[Symbol.asyncDispose](),
  };
}

/** What the system refuses, as a refusal that people can read. */
async function told<T>(path: string, faults: Faults, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandFailure) throw new ConclaveError('usage', error.message, { cause: error });
    const found = systemFaultOf(error);
    if (found === undefined) throw error;
    throw localError('usage', faults[found.fault] ?? found.fault, { path }, error);
  }
}

/** `~` is the home folder, as in a shell. */
function expanded(path: string): string {
  const home = path === '~' || path.startsWith('~/') ? homeFolder() : undefined;
  return home === undefined ? path : join(home, path.slice(1));
}
