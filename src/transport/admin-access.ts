import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminRefusal } from '../protocol/admin-actions.ts';

/** Who may act through the admin port. */
export type AdminAccess =
  /** Whoever knows the token. */
  | { readonly kind: 'token'; readonly token: string }
  /** Programs on this machine; pages in its browsers are none of them. */
  | { readonly kind: 'loopback' }
  /** Nobody: the port is open to others, and no token was set. */
  | { readonly kind: 'off' };

/** What of a request decides whether it may act. Absent headers are empty. */
export interface AdminKnock {
  readonly host: string;
  readonly origin: string;
  readonly authorization: string;
}

const off =
  'actions are off: the admin port is not on a loopback address and CONCLAVE_ADMIN_TOKEN is not set on this node';

/**
 * Undefined: come in. Browsers name the origin of the page that asks; other programs have none to name. A page of an
 * attacker whose name was made to lead to this machine (DNS rebinding) is told by the Host header, which keeps that name.
 */
export function refuseAccess(knock: AdminKnock, access: AdminAccess): AdminRefusal | undefined {
  if (knock.origin !== '') return { refused: 'forbidden', message: 'pages in browsers may not act here' };
  switch (access.kind) {
    case 'off':
      return { refused: 'forbidden', message: off };
    case 'loopback':
      if (isLoopbackHost(knock.host)) return undefined;
      return {
        refused: 'forbidden',
        message:
          'without CONCLAVE_ADMIN_TOKEN actions are taken by the name localhost or a loopback address only',
      };
    case 'token':
      return isRight(knock.authorization, access.token) ? undefined : { refused: 'unauthorized' };
    default:
      return access satisfies never;
  }
}

/** Digests are of one length, so that the comparison takes as long whatever was sent. */
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
