import type { CommandText } from './command-text.ts';

/** The help of `conclave-admin`, by the words that lead to a command. */
export const adminCommands = {
  nodes: {
    does: 'list the gateways of the cluster, as each reported a moment ago',
    examples: ['conclave-admin nodes'],
  },
  drain: {
    does: 'move all clients of a gateway elsewhere, as SIGTERM does; its process then exits with 0',
    arguments: {
      node: 'the name of a gateway, as conclave-admin nodes lists it',
    },
    examples: ['conclave-admin drain gateway-2'],
  },
  shed: {
    does: 'move COUNT randomly chosen sessions of a gateway elsewhere; it stays ready',
    arguments: {
      node: 'the name of a gateway, as conclave-admin nodes lists it',
      count: 'how many sessions, from 1 to 999999',
    },
    examples: ['conclave-admin shed gateway-1 500'],
  },
  revoke: {
    does: 'end every session and invalidate every token of a user, who may log in again',
    arguments: {
      name: 'the name of a user',
    },
    examples: ['conclave-admin revoke mallory'],
  },
  disable: {
    does: 'end every session of a user, and refuse further logins',
    arguments: {
      name: 'the name of a user',
    },
    examples: ['conclave-admin disable mallory'],
  },
  enable: {
    does: 'let a disabled user log in again',
    arguments: {
      name: 'the name of a user',
    },
    examples: ['conclave-admin enable mallory'],
  },
  purge: {
    does: 'delete a room and all its stored messages; asks first',
    arguments: {
      room: 'the name of a room',
    },
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave-admin purge Lobby', 'conclave-admin purge Lobby --yes'],
  },
  invite: {
    does: 'print a code that lets one person register within 24 hours; needs CONCLAVE_REGISTRATION=invite',
    examples: ['conclave-admin invite > code-for-alice'],
  },
  'rotate-secret': {
    does: 'sign tokens with a new secret; those signed with the previous one stay valid for another 24 hours',
    examples: ['conclave-admin rotate-secret'],
  },
  schema: {
    does: 'print the schema of the store; with NUMBER, raise it, after an upgrade that will not be rolled back',
    arguments: {
      number: 'the schema to raise the store to; without it, the current one is printed',
    },
    options: {
      '--yes': 'do not ask',
    },
    examples: ['conclave-admin schema', 'conclave-admin schema 3 --yes'],
  },
} as const satisfies Readonly<Record<string, CommandText>>;
