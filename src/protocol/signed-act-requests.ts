import { signedIdentity } from './entities.ts';
import { open, type RequestEntry, signature } from './request-entry.ts';
import { bool, map, optional } from './shape.ts';

/** What an open session may not ask for on its token alone: each carries a fresh signature, see signedActInput. */
export const signedActRequests = {
  logout: {
    op: 19,
    states: open,
    about: "Revokes this session's token, with `everywhere` all of the user's, and ends those sessions.",
    body: map({ everywhere: optional(bool), signature }),
    reply: map({}),
    errors: ['auth_failed'],
  },
  rotate: {
    op: 28,
    states: open,
    about:
      'Puts a new identity document in the place of the present one, whose keys sign it too. All sessions of the user end then, this one after the reply: log in with the new keys.',
    body: map({ identity: signedIdentity, signature }),
    reply: map({}),
    errors: ['auth_failed', 'invalid_identity', 'conflict', 'too_large', 'unsupported_version'],
  },
  'close-account': {
    op: 29,
    states: open,
    about:
      'Closes the account for ever, and ends its sessions and memberships. A room that it owned goes to the moderator, else the member, who joined first; one without other members is deleted.',
    body: map({ signature }),
    reply: map({}),
    errors: ['auth_failed'],
  },
} as const satisfies Record<string, RequestEntry>;
