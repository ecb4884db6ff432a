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
    pinned: 'pinned',
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
    late: 'late',
    recipients_differ: 'recipients differ',
    order_contradicted: 'order contradicted',
  },
} as const;
