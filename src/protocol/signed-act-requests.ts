import { signedIdentity } from './entities.ts';
import { open, type RequestEntry, signature } from './request-entry.ts';
import { bool, map, optional } from './shape.ts';

/** What an open session may not ask for on its token alone: each carries a fresh signature, see signedActInput. */
export const signedActRequests = {
  logout: {
    op: 19,
    states: open,
    about:
      "Revokes this session's token, or with `everywhere` all of the user's tokens, and ends their sessions.",
    body: map({ everywhere: optional(bool), signature }),
    reply: map({}),
    errors: ['auth_failed'],
  },
  rotate: {
    op: 28,
    states: open,
    about:
      'Replaces the identity document; the current keys sign the new one too. Then all sessions of the user end, this one after the reply; log in with the new keys.',
    body: map({ identity: signedIdentity, signature }),
    reply: map({}),
    errors: ['auth_failed', 'invalid_identity', 'conflict', 'too_large', 'unsupported_version'],
  },
  'close-account': {
    op: 29,
    states: open,
    about:
      'Closes the account permanently and ends its sessions and memberships. A room that it owned goes to the moderator, or else the member, who joined first; a room without other members is deleted.',
    body: map({ signature }),
    reply: map({}),
    errors: ['auth_failed'],
  },
} as const satisfies Record<string, RequestEntry>;
