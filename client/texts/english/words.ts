import { keptFor, sized } from './numbers.ts';

/** Words for values that are data elsewhere. */
export const words = {
  /** How long messages are stored. */
  kept: ({ hours }: { readonly hours: number }): string => keptFor(hours),
  yes: 'yes',
  no: 'no',
  unknown: '?',
  size: sized,
  file: ({ name, size }: { readonly name: string; readonly size: number }): string =>
    `[file ${name}, ${sized(size)}]`,
  trust: {
    pinned: 'as first seen',
    verified: 'verified',
    verified_before: 'verified before',
    changed: 'changed',
  },
  role: {
    owner: 'owner',
    moderator: 'moderator',
    member: 'member',
  },
  /** Of a message. */
  status: {
    ok: 'ok',
    undecryptable: 'undecryptable',
    forged: 'forged',
    altered: 'altered',
    replayed: 'replayed',
    needs_password: 'locked',
  },
  mark: {
    late: 'clock a day off',
    recipients_differ: 'recipients are not the members',
    order_contradicted: 'sender saw another order',
  },
} as const;
