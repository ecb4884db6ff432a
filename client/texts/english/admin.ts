import type { AdminErrorName } from '../../../src/protocol/admin-actions.ts';
import { counted } from './numbers.ts';

/** What an operator reads when a gateway refuses an action. Values: `url`, `node`, `user`, `room`, `said`, `token`. */
export const adminRefusals = {
  bad_request:
    'the gateway did not understand this: conclave-admin and the gateway may be of incompatible releases',
  unauthorized: 'the gateway refuses actions without its token: {token:give --token-file FILE}',
  forbidden:
    'the gateway does not accept actions this way: see CONCLAVE_ADMIN_HOST and CONCLAVE_ADMIN_TOKEN_FILE',
  not_found: '{url} does not know this action: it is not an admin port, or belongs to an older gateway',
  method_not_allowed: '{url} expects this action in another form: it may belong to an older gateway',
  too_large: 'this is more than the gateway accepts in one action',
  unsupported_type: '{url} expects this action in another form: it may belong to an older gateway',
  busy: 'the gateway has too many actions in progress: try again in a moment',
  failed: 'the gateway failed unexpectedly: check its log',
  unavailable:
    'Redis or MongoDB does not answer, or the gateway is not ready yet. The action may have taken effect: check before you try again',
  no_such_node: 'no running gateway is called {node:that}: conclave-admin nodes lists them',
  ambiguous_node: '{said}',
  no_such_user: 'there is no user called {user:that}, or the account was closed: check the spelling',
  no_such_room: 'there is no room called {room:that}: check the spelling',
  not_by_invitation: 'this server does not register accounts by invitation: set CONCLAVE_REGISTRATION=invite',
  too_many_secrets:
    'too many secrets of the last 24 hours are still accepted: try again when the oldest has expired',
  conflict: 'something else changed this at the same time: try again',
  unknown_schema: '{said}',
  older_nodes: '{said}',
  unconfirmed:
    '{node:the gateway} did not confirm in time: it may be paused, cut off, or too old for this action. Check with conclave-admin nodes',
} as const satisfies Record<AdminErrorName, string>;

/** What else can be in the way of an operator. Values: `url`, `host`, `hostname`, `status`, `given`. */
export const admin = {
  unknown_refusal: 'the gateway refused this for a reason that conclave-admin does not know: update it',
  not_a_gateway: '{url} does not answer like a gateway (HTTP {status}): is it the admin port?',
  too_long: '{url} sent a larger answer than a gateway does: is it the admin port?',
  no_answer: '{url} did not answer in time: is the gateway running, and is it the right address?',
  nothing_listens:
    'nothing answers at {url}: is the gateway running? If its admin port is another, give --url; the gateway logs it as adminUrl',
  no_such_host: 'there is no host called {hostname}: check --url',
  unreachable: '{host} cannot be reached from here: is this machine online?',
  plain_not_tls: '{url} does not speak TLS: use http:// instead of https://',
  no_connection: 'could not connect to {url}: check --url',
  bad_url: '{source}: {given} is not the address of an admin port; it looks like {wanted}',
  bad_timeout: '--timeout: {given} is not a number of seconds, above 0 and at most {count,number}',
  // The token
  no_token: 'there is no token {source}. Give --token-file FILE',
  wrong_token: 'the token {source} is not the one of this gateway',
  in_place: 'in {path}',
  in_variable: 'in {name}',
  elsewhere: 'for a gateway on another machine',
  two_tokens: '{given} and {wanted} exclude each other: give one of them',
  exposed_token: 'other users can read {path}: delete it, and restart the gateway to get a new token',
  bad_token: '{source} does not hold one token on one line',
  data_directory: 'the data directory',
  bad_node: '{given} is not the name of a gateway: conclave-admin nodes lists them',
  bad_user: '{given} is not a user name: 3 to 20 letters (A to Z) and digits',
  bad_room: '{given} is not a room name: 3 to 30 letters (A to Z) and digits',
  bad_schema: '{given} is not a schema number: conclave-admin schema prints the one in force',
  bad_count: '{given} is not a number of sessions: give one from 1 to 999999',
} as const;

export interface Account {
  readonly user: string;
}

export interface Node {
  readonly node: string;
  readonly sessions: number;
}

/** What `conclave-admin` prints. */
export const adminSaid = {
  revoke: ({ user }: Account): string => `every session of ${user} ends; ${user} may log in again`,
  disable: ({ user }: Account): string =>
    `${user} is disabled: every session ends, and further logins are refused`,
  enable: ({ user }: Account): string => `${user} may log in again`,
  purged: ({ room, members }: { readonly room: string; readonly members: number }): string =>
    `${room} and its messages are deleted; it had ${counted(members, 'member')}`,
  invite_until: 'for one registration, until {until}: conclave register NAME --invite-file FILE',
  secret: 'secret {number} signs new tokens; those of the one before are accepted until {until}',
  schema: 'schema {number}; the newest that this release knows',
  schema_older:
    'schema {number}; this release also knows schema {newest}: once no older gateway runs, conclave-admin schema {newest}',
  schema_raised: 'schema {number} is in force: gateways of earlier releases no longer start on this store',
  draining: 'draining',
  serving: 'serving',
  lease: '{seconds} s',
  total: ({
    nodes,
    connections,
    sessions,
  }: {
    readonly nodes: number;
    readonly connections: number;
    readonly sessions: number;
  }): string =>
    `${counted(nodes, 'node')}, ${counted(connections, 'connection')}, ${counted(sessions, 'session')}`,
  drains: ({ node, sessions }: Node): string =>
    `${node} drains: ${counted(sessions, 'connection')} will move, then its process ends`,
  sheds: ({ node, sessions }: Node): string => `${node} moves ${counted(sessions, 'session')} elsewhere`,
} as const;
