interface Fault {
  readonly pattern: RegExp;
  /** In a few words, for a screen with little room. */
  readonly short: (url: URL) => string;
  /** With what to do about it; `short` says enough where it is missing. */
  readonly words?: (url: URL) => string;
}

/** What the faults of the network come to, for a person; the URL is the one that was dialled. */
const faults: readonly Fault[] = [
  {
    pattern: /certificate|altnames/i,
    short: ({ host }) => `the certificate of ${host} is not trusted here`,
    words: () =>
      'for a certificate of your own: NODE_EXTRA_CA_CERTS=FILE.pem, and the name that it is for in --server',
  },
  {
    pattern: /wrong version number|packet length too long/i,
    short: ({ host }) => `this port probably speaks no TLS: try ws://${host}`,
  },
  { pattern: /ENOTFOUND|EAI_AGAIN/, short: ({ hostname }) => `no such host: ${hostname}` },
  {
    pattern: /ECONNREFUSED/,
    short: ({ host }) => `nothing answers at ${host}`,
    words: ({ host }) => `nothing answers at ${host}: is the server running?`,
  },
  {
    pattern: /Unexpected server response/,
    short: ({ host }) => `${host} answers, but not as a Conclave server`,
  },
];
/** A server that expects TLS hangs up at the first word without it. */
const cutAtOnce: Fault = {
  pattern: /socket hang up|ECONNRESET|Parse Error/i,
  short: () => 'the server hung up',
  words: ({ host }) => `the server hung up: this port may speak TLS only, then wss://${host} is right`,
};
/** How libraries and operating systems talk. */
const foreignWords = /\bE[A-Z]{4,}\b|SSL routines|socket hang up|\(\d{4}\)/;

/** What happened, and what to do about it; undefined for a fault that is not known here. */
export function explainedFault(reason: string, url: URL): string | undefined {
  const fault = faultOf(reason, url);
  return fault?.words?.(url) ?? fault?.short(url);
}

/** What happened in a few words, and never in those of a library. */
export function shortFault(reason: string, url: URL): string {
  const known = faultOf(reason, url)?.short(url);
  return known ?? (foreignWords.test(reason) ? `lost the connection to ${url.host}` : reason);
}

function faultOf(reason: string, url: URL): Fault | undefined {
  const known = faults.find(({ pattern }) => pattern.test(reason));
  return known ?? (cutAtOnce.pattern.test(reason) && url.protocol === 'ws:' ? cutAtOnce : undefined);
}
