import { usage } from '../cli/exit-codes.ts';
import { exposure, readSecretFile } from '../cli/secret-file.ts';
import type { Environment } from '../cli/settings.ts';

/** As commander gives them: every option may be absent. */
export interface AdminOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly timeout?: string;
  readonly json?: boolean;
}

export interface AdminSettings {
  /** Without a slash at its end. */
  readonly url: string;
  /** Undefined: a gateway on a loopback address may take actions without one. */
  readonly token: string | undefined;
  readonly timeoutMs: number;
  /** What a person should know of these settings. */
  readonly warning: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:9464';
const TIMEOUT_SECONDS_DEFAULT = 30;
const TIMEOUT_SECONDS_MAX = 3_600;

/** Option, then environment, then what is built in. The token comes from a file alone: arguments are seen by others. */
export async function readAdminSettings(
  options: AdminOptions,
  environment: Environment,
): Promise<AdminSettings> {
  const tokenFile = tokenSource(options.tokenFile, environment['CONCLAVE_ADMIN_TOKEN_FILE']);
  return {
    url: parsedUrl(options.url ?? (environment['CONCLAVE_ADMIN_URL'] || DEFAULT_URL)),
    token: tokenFile === undefined ? undefined : await token(tokenFile),
    timeoutMs: parsedTimeout(options.timeout),
    warning: tokenFile === undefined ? undefined : await exposure(tokenFile.path, tokenFile.source),
  };
}

function parsedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.pathname === '/' && url.search === '' && url.hash === '';
  if (!isPlain || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw usage(`--url: ${text} is not the address of an admin port; it looks like ${DEFAULT_URL}`);
  return url.origin;
}

interface TokenSource {
  readonly path: string;
  readonly source: string;
}

function tokenSource(
  option: string | undefined,
  fromEnvironment: string | undefined,
): TokenSource | undefined {
  const path = option ?? fromEnvironment;
  if (path === undefined || path === '') return undefined;
  return { path, source: option === undefined ? 'CONCLAVE_ADMIN_TOKEN_FILE' : '--token-file' };
}

async function token({ path, source }: TokenSource): Promise<string> {
  const read = await readSecretFile(path, source);
  if (!/^[\x21-\x7e]+$/.test(read)) throw usage(`${source}: ${path} does not hold one token on one line`);
  return read;
}

function parsedTimeout(text: string | undefined): number {
  const seconds = Number(text ?? TIMEOUT_SECONDS_DEFAULT);
  if (!(seconds > 0 && seconds <= TIMEOUT_SECONDS_MAX))
    throw usage(`--timeout: ${text} is not a number of seconds from 1 to ${TIMEOUT_SECONDS_MAX}`);
  return Math.ceil(seconds * 1_000);
}
