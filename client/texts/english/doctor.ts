import { counted } from './numbers.ts';
import { listed, people } from './people.ts';

export type SpanUnit = 'day' | 'hour' | 'minute' | 'second' | 'ms';

export interface SuiteOfRoom {
  readonly suite: number;
  readonly exposedBy: readonly string[];
  readonly withoutPrekeys: readonly string[];
}

/** What `conclave doctor` finds. Values: `server`, `path`, `user`, `process`, `time`, `count`, `ms`, `id`, `span`, `software`, `version`, `features`. */
export const doctor = {
  no_keys: 'there are no keys for {server} in {path}: conclave register NAME creates an account',
  keys_protected: 'private, and protected by a passphrase',
  keys_open: 'private, without a passphrase',
  agent_runs: 'process {process} keeps the key until {time}',
  agent_none: 'none is running',
  open_files: '{count} may be open',
  few_open_files: 'only {count} may be open: raise the limit with ulimit -n 1024',
  answers: '{server} answers in {ms} ms',
  answers_as: '{server} answers in {ms} ms (connection {id})',
  encrypted: 'TLS, with a certificate that this machine trusts',
  plain: 'no TLS: the network can see who talks with whom, but no messages',
  software: '{software}, protocol version {version}',
  software_with: '{software}, protocol version {version}, with {features}',
  services_ready: 'the server reports that it and its services are ready',
  services_not_told: 'unknown: this address does not answer /readyz',
  draining: 'this gateway is shutting down: another one takes over, or it comes back',
  not_ready: 'the server reports that it is not ready: ask its operator',
  no_broker:
    'the service that connects its gateways is down or failing: its operator finds the reason in the log',
  no_stores: 'its store is down or failing: its operator finds the reason in the log',
  no_disk: 'its disk is nearly full, so it stores nothing: its operator has to make room',
  clock_right: "within {span} of the server's",
  clock_ahead: "this machine's clock is {span} ahead of the server's: set it",
  clock_behind: "this machine's clock is {span} behind the server's: set it",
  logged_in: 'the server accepts the keys of {user}',
  prekeys_not_stored: 'this server stores none',
  prekeys: ({ count, time }: { readonly count: number; readonly time: string | undefined }): string => {
    const published = `published for this week and the next ${counted(count, 'week')}`;
    return time === undefined ? published : `${published}, last at ${time}`;
  },
  suite_first: ({ suite }: SuiteOfRoom): string => `suite ${suite}, without forward secrecy`,
  suite_of_epochs: ({ suite, exposedBy, withoutPrekeys }: SuiteOfRoom): string => {
    const exposed = people.epoch('no_forward_secrecy', { users: exposedBy, number: 0 });
    const missing = `no prekey of this week from ${listed(withoutPrekeys)}`;
    const lacks = [
      ...(exposedBy.length > 0 ? [exposed] : []),
      ...(withoutPrekeys.length > 0 ? [missing] : []),
    ];
    return [
      `suite ${suite}`,
      ...(lacks.length > 0 ? lacks : ['all members that are known here have prekeys']),
    ].join('; ');
  },
  account_locked: 'not tried: give --passphrase-file FILE to log in as well',
  account_unusable: 'not tried: there are no keys that can be used',
  failed: ({ count }: { readonly count: number }): string => `${counted(count, 'check')} failed`,
  ok: 'ok    ',
  not_ok: 'NOT OK',
  span: ({ count, unit }: { readonly count: number; readonly unit: SpanUnit }): string =>
    unit === 'ms' ? `${count} ms` : counted(count, unit),
} as const;

/** What was looked at, by its name in JSON. */
export const checks = {
  profile: 'profile',
  keys: 'keys of {user}',
  agent: 'agent of {user}',
  'open files': 'open files',
  connection: 'connection',
  transport: 'transport',
  server: 'server',
  services: 'services of the server',
  clock: 'clock',
  account: 'account',
  prekeys: 'prekeys',
  encryption: 'encryption of {room}',
} as const;
