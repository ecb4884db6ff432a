import { readFile, stat } from 'node:fs/promises';
import { filled } from '../texts/filled.ts';
import { localTexts } from '../texts/local-texts.ts';
import { type CommandFailure, usage } from './exit-codes.ts';
import type { Output } from './output.ts';
import { systemFaultOf } from './system-fault.ts';

const SECRET_FILE_BYTES_MAX = 4096;

/** The content of a file less one line end. `option` names where its path came from. */
export async function readSecretFile(path: string, option: string): Promise<string> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (cause) {
    throw unreadable(path, option, cause);
  }
  if (content.length > SECRET_FILE_BYTES_MAX)
    throw usage(`${option}: ${path} is over ${SECRET_FILE_BYTES_MAX} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content).replace(/\r?\n$/, '');
  } catch {
    throw usage(`${option}: ${path} is not UTF-8`);
  } finally {
    content.fill(0);
  }
}

/** Why a file that an option names can't be read. */
export function unreadable(path: string, option: string, cause: unknown): CommandFailure {
  const fault = systemFaultOf(cause)?.fault;
  const told = fault === 'not_permitted' ? 'file_not_permitted' : (fault ?? 'not_readable');
  return usage(`${option}: ${filled(localTexts[told], { path })}`);
}

const OTHERS = 0o077;

/** What to say of a secret that others on this machine can read; undefined when only its owner can, or it can't be read at all. */
export async function exposure(path: string, option: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || (found.mode & OTHERS) === 0) return undefined;
  return `warning: ${option}: ${path} can be read by others on this machine: chmod 600 keeps it to you`;
}

/** One line on standard error when others on this machine can read a file that an option names. */
export async function warnIfExposed(output: Output, path: string, option: string): Promise<void> {
  const warning = await exposure(path, option);
  if (warning !== undefined) output.note(warning);
}

/** As readSecretFile, after the warning. */
export async function readGivenSecret(output: Output, path: string, option: string): Promise<string> {
  await warnIfExposed(output, path, option);
  return readSecretFile(path, option);
}
