/** Whose port it is: decides which keys of the configuration a person is sent to. */
export type ListenerRole = 'clients' | 'admin';

const KEY_PREFIX: Readonly<Record<ListenerRole, string>> = { clients: 'CONCLAVE_', admin: 'CONCLAVE_ADMIN_' };

/** A port can't be opened. */
export class ListenRefused extends Error {
  override readonly name = 'ListenRefused';
  /** Decides the exit code: another program may let go of a port; the rest is for a person to change. */
  readonly why: 'in_use' | 'configuration';
  /** `host:port` */
  readonly address: string;

  /** `cause`: the system's error. Undefined: another program answers there. */
  constructor(role: ListenerRole, host: string, port: number, cause?: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EADDRINUSE';
    const address = `${host}:${port}`;
    super(`cannot listen at ${address}: ${causeOf(code, KEY_PREFIX[role])}`, { cause });
    this.address = address;
    this.why = code === 'EADDRINUSE' ? 'in_use' : 'configuration';
  }
}

function causeOf(code: string, prefix: string): string {
  const [host, port] = [`${prefix}HOST`, `${prefix}PORT`];
  switch (code) {
    case 'EADDRINUSE':
      return `another program uses the port. Stop it, or set ${port} to a free one`;
    case 'EADDRNOTAVAIL':
      return `this is not an address of this machine (EADDRNOTAVAIL). Set ${host} to one that is, or to 0.0.0.0 for all`;
    case 'ENOTFOUND':
      return `the host name has no address (ENOTFOUND). Set ${host} to an address of this machine`;
    case 'EAI_AGAIN':
      return `the host name cannot be resolved now (EAI_AGAIN). Set ${host} to an address of this machine`;
    case 'EAFNOSUPPORT':
      return `this machine has no such kind of address (EAFNOSUPPORT). Set ${host} to one that it has`;
    case 'EACCES':
      return `this user may not open the port (EACCES). Ports below 1024 need rights that a gateway should not have: set ${port} to a higher one`;
    default:
      return code;
  }
}
