import { WEBSOCKET_PATH } from '../../src/protocol/limits.ts';
import { parseUserName, type UserName } from '../../src/protocol/names.ts';
import { isLoopbackOrigin, type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { texts } from '../texts/texts.ts';
import { usage } from './exit-codes.ts';
import { ownFolder } from './home-folder.ts';
import { refuseMistyped } from './mistyped-variable.ts';
import { secondsMs } from './whole-number.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** As commander gives them: every option may be absent. */
export interface GlobalOptions {
  readonly server?: string;
  readonly user?: string;
  readonly profile?: string;
  readonly passphraseFile?: string;
  /** commander's form of --no-passphrase. */
  readonly passphrase?: boolean;
  /** commander's form of --no-agent. */
  readonly agent?: boolean;
  readonly timeout?: string;
  readonly json?: boolean;
  /** commander's form of --no-cache. */
  readonly cache?: boolean;
  /** commander's form of --no-input. */
  readonly input?: boolean;
}

export type PassphraseSource =
  | { readonly kind: 'ask' }
  | { readonly kind: 'file'; readonly path: string; readonly option: string }
  | { readonly kind: 'none' }
  /** It was just asked for or read. */
  | { readonly kind: 'known'; readonly passphrase: string | undefined };

export interface Settings {
  /** Undefined: the profile's, or the built-in one. */
  readonly server: Origin | undefined;
  readonly user: UserName | undefined;
  readonly profileDir: string;
  readonly passphrase: PassphraseSource;
  /** A running agent may be asked for the key. */
  readonly agent: boolean;
  /** Undefined: as the command has it. */
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
  readonly mayAsk: boolean;
  /** Opened messages are kept in the profile, and taken from there. */
  readonly cache: boolean;
  /** NO_COLOR asks for none. */
  readonly colours: boolean;
}

const TIMEOUT_SECONDS_MAX = 1_000_000;
const VARIABLES: readonly string[] = [
  'CONCLAVE_SERVER',
  'CONCLAVE_USER',
  'CONCLAVE_PROFILE',
  'CONCLAVE_PASSPHRASE_FILE',
  'CONCLAVE_CACHE',
];

/** Option, then environment; the profile and the built-in values come later. */
export function readSettings(options: GlobalOptions, environment: Environment): Settings {
  refuseMistyped(environment, VARIABLES);
  const named = (
    option: string,
    value: string | undefined,
    key: string,
  ): { readonly value: string; readonly source: string } | undefined => {
    if (value !== undefined) return { value, source: option };
    const fromEnvironment = environment[key];
    return fromEnvironment === undefined || fromEnvironment === ''
      ? undefined
      : { value: fromEnvironment, source: key };
  };
  const server = named('--server', options.server, 'CONCLAVE_SERVER');
  const user = named('--user', options.user, 'CONCLAVE_USER');
  return {
    server: server === undefined ? undefined : parsedServer(server),
    user: user === undefined ? undefined : parsedUser(user),
    profileDir:
      named('--profile', options.profile, 'CONCLAVE_PROFILE')?.value ??
      defaultProfileDir(environment['XDG_DATA_HOME']),
    passphrase: passphraseSource(options, environment),
    agent: options.agent !== false && options.passphrase !== false,
    timeoutMs: options.timeout === undefined ? undefined : parsedTimeout(options.timeout),
    json: options.json === true,
    mayAsk: options.input !== false,
    colours: (environment['NO_COLOR'] ?? '') === '',
    cache: options.cache !== false && cacheFrom(environment['CONCLAVE_CACHE']),
  };
}

function parsedServer({ value, source }: { readonly value: string; readonly source: string }): Origin {
  const origin = parseOrigin(value);
  const path = origin === undefined ? '' : value.trim().replace(/^\w+:\/\/[^/?#]*/, '');
  if (origin !== undefined && ownPaths.includes(path)) return origin;
  const wanted = nearAddress(value);
  const text = texts.local[wanted === undefined ? 'bad_server' : 'bad_server_meant'];
  throw usage(`${source}: ${filled(text, { given: withoutPassword(value) || '""', wanted })}`);
}

/** Others would be dropped in silence, and with them the server that somebody meant. */
const ownPaths: readonly string[] = ['', '/', WEBSOCKET_PATH];

/** An address without its scheme, with that of a page, or with a path is one all the same. On this machine servers speak no TLS. */
function nearAddress(value: string): string | undefined {
  const [, given = '', host = ''] = /^(?:(\w+):\/\/)?([^/?#]+)/.exec(value.trim()) ?? [];
  // A scheme without a host, such as ws://, would pass for a host with an empty port.
  const origin = host.endsWith(':') ? undefined : parseOrigin(`wss://${host}`);
  if (origin === undefined || !['', 'http', 'https', 'ws', 'wss'].includes(given.toLowerCase()))
    return undefined;
  if (/^wss?$/i.test(given)) return `${given.toLowerCase()}://${host}`;
  return `${isLoopbackOrigin(origin) ? 'ws' : 'wss'}://${host}`;
}

function withoutPassword(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//…@');
}

function defaultProfileDir(variable: string | undefined): string {
  const directory = ownFolder(variable, '.local', 'share');
  if (directory === undefined) throw usage(cliTexts.usage.no_home);
  return directory;
}

function parsedUser({ value, source }: { readonly value: string; readonly source: string }): UserName {
  const name = parseUserName(value);
  if (name === undefined) throw usage(`${source}: ${texts.local.bad_user_name}`);
  return name;
}

function parsedTimeout(value: string): number {
  const timeoutMs = secondsMs(value, TIMEOUT_SECONDS_MAX);
  if (timeoutMs === undefined)
    throw usage(filled(cliTexts.usage.bad_timeout, { given: value, count: TIMEOUT_SECONDS_MAX }));
  return timeoutMs;
}

function cacheFrom(value: string | undefined): boolean {
  if (value === undefined || value === '' || value === 'on') return true;
  if (value === 'off') return false;
  throw usage(filled(cliTexts.usage.bad_cache, { given: value }));
}

function passphraseSource(options: GlobalOptions, environment: Environment): PassphraseSource {
  if (options.passphrase === false) {
    if (options.passphraseFile !== undefined)
      throw usage(
        filled(cliTexts.usage.exclusive, { given: '--passphrase-file', wanted: '--no-passphrase' }),
      );
    return { kind: 'none' };
  }
  if (options.passphraseFile !== undefined)
    return { kind: 'file', path: options.passphraseFile, option: '--passphrase-file' };
  const path = environment['CONCLAVE_PASSPHRASE_FILE'];
  return path === undefined || path === ''
    ? { kind: 'ask' }
    : { kind: 'file', path, option: 'CONCLAVE_PASSPHRASE_FILE' };
}
