import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { utf8, utf8Text } from '../../src/protocol/bytes.ts';
import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { isErrno, makePrivateDirectory, writePrivateFile } from './private-files.ts';

const DEFAULT_SERVER_FILE = 'server';

/** The server that commands mean when they name none: that of the first account, or what `use` chose. */
export async function defaultServer(directory: string): Promise<Origin | undefined> {
  try {
    return parseOrigin(utf8Text(await readFile(join(directory, DEFAULT_SERVER_FILE)))?.trim());
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

export async function rememberServer(
  directory: string,
  origin: Origin,
  options: { readonly overwrite: boolean },
): Promise<void> {
  await makePrivateDirectory(directory);
  await writePrivateFile(join(directory, DEFAULT_SERVER_FILE), utf8(`${origin}\n`), options);
}
