import { usage } from '../cli/exit-codes.ts';
import { refuseMistyped } from '../cli/mistyped-variable.ts';
import type { Environment } from '../cli/settings.ts';
import { secondsMs } from '../cli/whole-number.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { type FoundToken, findToken } from './find-token.ts';

/** As commander gives them: every option may be absent. */
export interface AdminOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly timeout?: string;
  readonly input?: boolean;
  readonly json?: boolean;
}

export interface AdminSettings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: FoundToken;
  readonly timeoutMs: number;
  /** What a person should know of these settings. */
  readonly warning: string | undefined;
}

/** All but the first are the gateway's, too. */
const VARIABLES: readonly string[] = [
  'CONCLAVE_ADMIN_URL',
  'CONCLAVE_ADMIN_HOST',
  'CONCLAVE_ADMIN_PORT',
  'CONCLAVE_ADMIN_TOKEN',
  'CONCLAVE_ADMIN_TOKEN_FILE',
  'CONCLAVE_DATA_DIR',
];
const DEFAULT_PORT = '9464';
const EXAMPLE_URL = `http://127.0.0.1:${DEFAULT_PORT}`;
const OWN_GATEWAY = 'CONCLAVE_ADMIN_HOST, CONCLAVE_ADMIN_PORT';
const TIMEOUT_SECONDS_DEFAULT = 30;
const TIMEOUT_SECONDS_MAX = 3_600;

/** Option, then environment, then what is built in. */
export async function readAdminSettings(
  options: AdminOptions,
  environment: Environment,
): Promise<AdminSettings> {
  refuseMistyped(environment, VARIABLES);
  const url = chosenUrl(options.url, environment);
  const token = await findToken(url, options.tokenFile, environment);
  return {
    url,
    token,
    timeoutMs: parsedTimeout(options.timeout),
    warning: token.warning,
  };
}

function chosenUrl(option: string | undefined, environment: Environment): string {
  if (option !== undefined) return parsedUrl(option, '--url');
  const variable = environment['CONCLAVE_ADMIN_URL'];
  return variable
    ? parsedUrl(variable, 'CONCLAVE_ADMIN_URL')
    : parsedUrl(ownGateway(environment), OWN_GATEWAY);
}

/** The gateway that was started with the same environment, as in its own container. */
function ownGateway(environment: Environment): string {
  const host = environment['CONCLAVE_ADMIN_HOST'] || '127.0.0.1';
  // Addresses that stand for all of the machine's are not ones to dial.
  const dialled = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  const bracketed = dialled.includes(':') ? `[${dialled}]` : dialled;
  return `http://${bracketed}:${environment['CONCLAVE_ADMIN_PORT'] || DEFAULT_PORT}`;
}

function parsedUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.pathname === '/' && url.search === '' && url.hash === '';
  if (!isPlain || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw usage(filled(cliTexts.admin.bad_url, { source, given: text, wanted: EXAMPLE_URL }));
  return url.origin;
}

function parsedTimeout(text = `${TIMEOUT_SECONDS_DEFAULT}`): number {
  const timeoutMs = secondsMs(text, TIMEOUT_SECONDS_MAX);
  if (timeoutMs === undefined)
    throw usage(filled(cliTexts.admin.bad_timeout, { given: text, count: TIMEOUT_SECONDS_MAX }));
  return timeoutMs;
}
