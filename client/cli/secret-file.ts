import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readFileUpTo } from '../profile/bounded-file.ts';
import { shellQuoted } from '../profile/shell-quoted.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { texts } from '../texts/texts.ts';
import { type CommandFailure, usage } from './exit-codes.ts';
import type { Output } from './output.ts';
import { systemFaultOf } from './system-fault.ts';

const SECRET_FILE_BYTES_MAX = 4096;

/** The content of a file less one line end. `option` names where its path came from. */
export async function readSecretFile(path: string, option: string): Promise<string> {
  const content = await readGivenFile(path, option, SECRET_FILE_BYTES_MAX);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content).replace(/\r?\n$/, '');
  } catch {
    throw usage(filled(cliTexts.usage.file_not_utf8, { option, path }));
  } finally {
    content.fill(0);
  }
}

/** The bytes of a file that an option names; it may be a pipe, such as /dev/fd/3. */
export async function readGivenFile(path: string, option: string, bytesMax: number): Promise<Buffer> {
  const content = await readFileUpTo(path, bytesMax).catch((cause: unknown) => {
    throw unreadable(path, option, cause);
  });
  if (content === undefined)
    throw usage(filled(cliTexts.usage.file_too_large, { option, path, size: bytesMax }));
  return content;
}

function unreadable(path: string, option: string, cause: unknown): CommandFailure {
  const fault = systemFaultOf(cause)?.fault;
  const told = fault === 'not_permitted' ? 'file_not_permitted' : (fault ?? 'not_readable');
  return usage(`${option}: ${filled(texts.local[told], { path })}`);
}

const OTHERS = 0o077;
const OTHERS_MAY_ENTER = 0o011;

/**
 * What to say of a secret that others on this machine can read; undefined when only its owner can, or it can't be read at all.
 * A file of another user is that user's concern: a container gets its secrets so, readable by the user it runs under.
 */
export async function exposure(path: string, option: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || (found.mode & OTHERS) === 0) return undefined;
  const user = process.getuid?.() ?? found.uid;
  if ((user !== found.uid && user !== 0) || (await isOutOfReach(path, found.uid))) return undefined;
  return filled(cliTexts.usage.file_exposed, { option, path, quoted: shellQuoted(path) });
}

/** True in a folder that only the file's owner or root can enter, whatever the file's own mode: as secrets for containers are kept. */
async function isOutOfReach(path: string, owner: number): Promise<boolean> {
  const { mode, uid } = await stat(dirname(await realpath(path)));
  return (mode & OTHERS_MAY_ENTER) === 0 && (uid === owner || uid === 0);
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
