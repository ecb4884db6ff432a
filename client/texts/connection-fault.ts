import { filled } from './filled.ts';
import { type Texts, texts } from './texts.ts';

export type ConnectionFault = keyof Texts['connection'];

/** What the systems and libraries under a connection say, from the particular to the general. */
const rawFaults: readonly (readonly [raw: RegExp, fault: ConnectionFault])[] = [
  [/altnames|hostname\/IP does not match/i, 'certificate_name'],
  [/certificate (has expired|is not yet valid)|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/i, 'certificate_expired'],
  [/certificate/i, 'certificate_untrusted'],
  [/wrong version number|packet length too long|http request/i, 'plain_not_tls'],
  [/SSL routines|EPROTO|ERR_SSL|ERR_TLS|before secure TLS connection/i, 'tls_failed'],
  [/ENOTFOUND/, 'no_such_host'],
  [/EAI_AGAIN|EAI_FAIL/, 'name_not_resolved'],
  [/ECONNREFUSED/, 'nothing_listens'],
  [/ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL/, 'unreachable'],
  [/EACCES|EPERM/, 'not_allowed'],
  [/EMFILE|ENFILE/, 'too_many_files'],
  [/ETIMEDOUT|timed out/i, 'no_answer'],
  [/Unexpected server response: (502|503|504)/, 'no_gateway'],
  [/Unexpected server response: 429/, 'too_often'],
  [/Unexpected server response: (401|403|407|451)/, 'forbidden'],
  [/Unexpected server response: (400|405|426|501)/, 'no_websocket'],
  [/Unexpected server response|redirects/, 'not_conclave'],
  [/Upgrade header|Sec-WebSocket/i, 'no_websocket'],
  [/subprotocol/i, 'not_conclave'],
  [/Parse Error/i, 'not_conclave'],
  [/socket hang up|ECONNRESET|EPIPE/i, 'hung_up'],
];

const cutAtOnce = /socket hang up|ECONNRESET|Parse Error/i;

export function connectionFaultOf(raw: string, server: string): ConnectionFault | undefined {
  const fault = rawFaults.find(([words]) => words.test(raw))?.[1];
  // A server that speaks only TLS hangs up on plain HTTP, or answers with bytes that are none.
  if (server.startsWith('ws:') && cutAtOnce.test(raw)) return 'tls_not_plain';
  return fault;
}

export function connectionText(fault: ConnectionFault, server: string): string {
  const { host, hostname } = new URL(server);
  return filled(texts.connection[fault], { host, hostname, server });
}
