import type { CloseName } from '../../../src/protocol/codes.ts';

/** What a person reads when the gateway ends the connection. */
export const closes = {
  going_away: 'this gateway is shutting down: another one takes over, or it comes back',
  node_error: 'the gateway failed unexpectedly',
  slow_consumer: 'this connection could not keep up: missing messages are fetched again',
  lost_heartbeat: 'the gateway heard nothing from here for too long',
  over_capacity:
    'the gateway accepts no more connections at the moment, or too many came from your address: wait a little',
  login_timeout: 'the login took too long',
  malformed_frame:
    'the gateway did not understand this client: client and server may be of incompatible releases',
  frame_too_large: 'this client sent more at once than the gateway accepts: update the client',
  revoked: 'this session ended because your keys were replaced',
  account_closed: 'your account was closed or disabled: ask the operator of the server',
  abuse:
    'the gateway ended the connection after too many failed logins, or too many requests: wait a few minutes',
  unsupported_version: 'client and server are of incompatible releases: update the older one',
} as const satisfies Record<CloseName, string>;

/** What a person reads when there is no connection. Values: `host` (with its port), `hostname`, `server`. */
export const connection = {
  nothing_listens: 'nothing answers at {host}: is the server running?',
  no_such_host: 'there is no host called {hostname}: check the address',
  name_not_resolved: 'the address of {hostname} cannot be looked up at the moment: is this machine online?',
  unreachable: '{host} cannot be reached from here: is this machine online?',
  not_allowed: 'this machine does not allow connections to {host}: check its firewall',
  too_many_files: 'this machine has too many files open: raise the limit with ulimit -n 1024',
  plain_not_tls: 'the server at {host} does not speak TLS: try ws://{host} instead of wss://{host}',
  tls_not_plain:
    '{host} does not answer as expected: if it speaks TLS, use wss://{host} instead of ws://{host}, else check the address',
  hung_up: '{host} hung up before the connection was made: is a Conclave server running there?',
  certificate_expired:
    'the certificate of {host} has expired, or is not valid yet: check the clock, then ask the operator',
  certificate_name: 'the certificate of {host} is for another name: give that name as the address',
  certificate_untrusted:
    'this machine does not trust the certificate of {host}: for one of your own, set NODE_EXTRA_CA_CERTS=FILE.pem',
  tls_failed: 'TLS with {host} failed: client and server have no version or cipher in common',
  not_conclave: '{host} answers, but is not a Conclave server: check the address',
  no_websocket: '{host} answers, but does not allow WebSockets: a proxy in front of it must forward upgrades',
  forbidden: '{host}, or a proxy in front of it, refused the connection: ask its operator',
  too_often:
    '{host}, or a proxy in front of it, takes no more connections from your network for now: wait a minute',
  no_gateway: 'a proxy answers at {host}, but no gateway behind it does: is the server running?',
  no_answer: '{host} does not answer: is it the right address, and is the server running?',
  went_silent: '{host} stopped answering: is the network up?',
  lost: 'the connection to {host} was lost',
  bad_server: '{host} does not follow the Conclave protocol: is it the right address?',
  unknown: 'could not connect to {host}, for a reason that this client does not know',
} as const;

/** Why something takes so long; it is tried again meanwhile. */
export const heldUp = {
  unavailable: 'the server cannot do this at the moment',
  rate_limited: 'the server accepts no more for the moment',
  /** In a room of suite 2. */
  epoch: 'another member is making the new key of the room',
  silent: 'the server has not answered yet',
} as const;
