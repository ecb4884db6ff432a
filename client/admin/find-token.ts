import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ADMIN_TOKEN_FILE } from '../../src/protocol/admin-actions.ts';
import { usage } from '../cli/exit-codes.ts';
import { exposure, readSecretFile } from '../cli/secret-file.ts';
import type { Environment } from '../cli/settings.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';

/** The token, or undefined where none was found. `source` completes "the token …" and "there is no token …". */
export interface FoundToken {
  readonly value: string | undefined;
  readonly source: string;
  /** What a person should know of the file it came from. */
  readonly warning?: string | undefined;
}

const TOKEN_VARIABLE = 'CONCLAVE_ADMIN_TOKEN';
const FILE_VARIABLE = 'CONCLAVE_ADMIN_TOKEN_FILE';

/**
 * From the option, then the environment, then the data directory of a gateway on this machine. That last one goes to
 * loopback addresses only: it belongs to the gateway here, and another machine must not get to see it.
 */
export async function findToken(
  url: string,
  option: string | undefined,
  environment: Environment,
): Promise<FoundToken> {
  if (option !== undefined) return fromFile(option, '--token-file');
  const value = environment[TOKEN_VARIABLE] || undefined;
  const file = environment[FILE_VARIABLE] || undefined;
  if (value !== undefined && file !== undefined)
    throw usage(filled(cliTexts.admin.two_tokens, { given: TOKEN_VARIABLE, wanted: FILE_VARIABLE }));
  if (value !== undefined)
    return {
      value: oneToken(value, TOKEN_VARIABLE),
      source: filled(cliTexts.admin.in_variable, { name: TOKEN_VARIABLE }),
    };
  if (file !== undefined) return fromFile(file, FILE_VARIABLE);
  return fromDataDirectory(url, environment);
}

async function fromFile(path: string, named: string): Promise<FoundToken> {
  const value = oneToken(await readSecretFile(path, named), `${named}: ${path}`);
  return { value, source: filled(cliTexts.admin.in_place, { path }), warning: await exposure(path, named) };
}

async function fromDataDirectory(url: string, environment: Environment): Promise<FoundToken> {
  if (!isLoopbackUrl(url)) return { value: undefined, source: cliTexts.admin.elsewhere };
  const path = resolve(join(environment['CONCLAVE_DATA_DIR'] || './data', ADMIN_TOKEN_FILE));
  const mode = await modeOf(path);
  if (mode === undefined) return { value: undefined, source: filled(cliTexts.admin.in_place, { path }) };
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw usage(filled(cliTexts.admin.exposed_token, { path }));
  return fromFile(path, cliTexts.admin.data_directory);
}

/** Undefined: there is no such file, or none that this user may know of. */
async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode;
  } catch {
    return undefined;
  }
}

function isLoopbackUrl(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function oneToken(text: string, source: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) throw usage(filled(cliTexts.admin.bad_token, { source }));
  return text;
}
