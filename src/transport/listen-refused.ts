/** A port can't be opened. */
export class ListenRefused extends Error {
  override readonly name = 'ListenRefused';
  /** Decides the exit code: another program may let go of a port; the rest is for a person to change. */
  readonly why: 'in_use' | 'configuration';

  /** `cause`: the system's error. Undefined: another program answers there. */
  constructor(host: string, port: number, cause?: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EADDRINUSE';
    super(`cannot listen at ${host}:${port}: ${causes.get(code) ?? code}`, { cause });
    this.why = code === 'EADDRINUSE' ? 'in_use' : 'configuration';
  }
}

const causes: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'the port is in use by another program'],
  ['EADDRNOTAVAIL', 'the host is not an address of this machine (EADDRNOTAVAIL)'],
  ['ENOTFOUND', 'the host name has no address (ENOTFOUND)'],
  ['EAI_AGAIN', 'the host name cannot be resolved now (EAI_AGAIN)'],
  ['EAFNOSUPPORT', 'this machine has no such kind of address (EAFNOSUPPORT)'],
  [
    'EACCES',
    'this user may not open the port (EACCES). Ports below 1024 need rights that a gateway should not have: choose a higher one',
  ],
]);
