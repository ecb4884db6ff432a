import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminRefusal } from '../protocol/admin-actions.ts';

/** Who may act through the admin port. */
export type AdminAccess =
  /** Whoever presents the token. */
  | { readonly kind: 'token'; readonly token: string }
  /** Nobody yet: the token is in a store that is still being opened. */
  | { readonly kind: 'starting' }
  /** Nobody: this node has no token. */
  | { readonly kind: 'off' };

/** The parts of a request that decide whether it may act. Absent headers are empty. */
export interface AdminKnock {
  readonly origin: string;
  readonly authorization: string;
}

const off =
  'actions are off: this node has no token. Give every gateway the same one, by CONCLAVE_ADMIN_TOKEN or CONCLAVE_ADMIN_TOKEN_FILE';

/** Undefined: come in. Browsers name the origin of the page that asks; other programs have none to name. */
export function refuseAccess(knock: AdminKnock, access: AdminAccess): AdminRefusal | undefined {
  if (knock.origin !== '') return { refused: 'forbidden', message: 'pages in browsers may not act here' };
  switch (access.kind) {
    case 'off':
      return { refused: 'forbidden', message: off };
    case 'starting':
      return { refused: 'unavailable', message: 'this node is not ready yet' };
    case 'token':
      return isRight(knock.authorization, access.token) ? undefined : { refused: 'unauthorized' };
    default:
      return access satisfies never;
  }
}

/**
 * For a port on a loopback address. A hostile page can make its own name resolve to this machine (DNS rebinding), and
 * then reads the answers as its own; the Host header still carries that name.
 */
export function refuseHost(host: string, address: string): AdminRefusal | undefined {
  if (isLoopbackHost(host)) return undefined;
  return {
    refused: 'forbidden',
    message: `this port listens on ${address} only: dial it by that address`,
  };
}

/** Digests have one length, so the comparison takes the same time whatever was sent. */
function isRight(authorization: string, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token)) && given !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isLoopbackHost(host: string): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1];
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name ?? '');
}
