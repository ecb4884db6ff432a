import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConclaveError } from '../../sdk/errors.ts';
import { visibleText } from '../../terminal/visible-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { EDITOR_CHARS_MAX } from '../editor/editor-state.ts';

const { editor: texts } = tuiTexts;
/** A character of UTF-8 has up to four. */
const FILE_BYTES_MAX = 4 * EDITOR_CHARS_MAX;

type Environment = Readonly<Record<string, string | undefined>>;

/** The editor that somebody chose, as a command of the shell; undefined: none. */
export function editorOf({ VISUAL: visual = '', EDITOR: editor = '' }: Environment): string | undefined {
  const command = visual.trim() || editor.trim();
  return command === '' ? undefined : command;
}

/**
 * The text as it is when the editor has ended. Meanwhile it is in a file that only this user can read, in a folder of its own,
 * which is removed whatever happens short of SIGKILL. Rejects with ConclaveError when the editor fails, or its text is of no use.
 */
export async function editedText(text: string, environment: Environment): Promise<string> {
  const command = editorOf(environment);
  if (command === undefined) throw new ConclaveError('usage', texts.none);
  const { XDG_RUNTIME_DIR: runtime = '' } = environment;
  // Of the user alone, and in memory: a text that nobody else may read is best there.
  const place = await folderOr(runtime, tmpdir());
  const noPlace = (cause: unknown): never => {
    throw new ConclaveError('usage', texts.no_place(visibleText(place)), { cause });
  };
  const folder = await mkdtemp(join(place, 'conclave-')).catch(noPlace);
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', removeNow);
  try {
    const file = join(folder, 'message.txt');
    await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch(noPlace);
    await withoutInterrupts(() => run(command, file));
    return await textOf(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeNow);
  }
}

async function folderOr(wanted: string, otherwise: string): Promise<string> {
  const isThere = wanted !== '' && (await stat(wanted).catch(() => undefined))?.isDirectory() === true;
  return isThere ? wanted : otherwise;
}

/** As others start it: a command of the shell, which may have arguments of its own. */
function run(command: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${command} "$1"`, 'sh', file], { stdio: 'inherit' });
    const fail = (): void => reject(new ConclaveError('usage', texts.failed(command)));
    child.once('error', fail);
    child.once('exit', (code) => (code === 0 ? resolve() : fail()));
  });
}

/** Ctrl+C in an editor that reads lines reaches this process too, where it is nobody's wish. */
async function withoutInterrupts(work: () => Promise<void>): Promise<void> {
  const ignore = (): void => undefined;
  const listeners = process.rawListeners('SIGINT');
  process.on('SIGINT', ignore);
  for (const listener of listeners) process.off('SIGINT', listener as NodeJS.SignalsListener);
  try {
    await work();
  } finally {
    // On a busy machine the end of the editor may be reported before the Ctrl+C that ended it, in the same turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    for (const listener of listeners) process.on('SIGINT', listener as NodeJS.SignalsListener);
    process.off('SIGINT', ignore);
  }
}

async function textOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new ConclaveError('usage', texts.removed);
  if (found.size > FILE_BYTES_MAX) throw new ConclaveError('too_large', texts.too_long(EDITOR_CHARS_MAX));
  const text = utf8Of(await readFile(file))
    .replace(/\r\n?/g, '\n')
    .replace(/\n$/, '');
  if (text.length > EDITOR_CHARS_MAX) throw new ConclaveError('too_large', texts.too_long(EDITOR_CHARS_MAX));
  return text;
}

function utf8Of(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ConclaveError('usage', texts.not_utf8, { cause: error });
  }
}
