import type { CommandText } from './command-text.ts';

/** The help of direct messages, invitations and blocking. */
export const contactCommands = {
  dm: {
    does: 'write to a user directly, in a room for two that only you both can enter; created when there is none',
    arguments: {
      name: 'the name of a user',
      text: 'the message; without it the room is only opened, and @NAME stands for it in other commands',
    },
    examples: ['conclave dm bob "are you there?"', 'conclave dm bob'],
  },
  invite: {
    does: 'invite a user to a room; the user sees who invites, and by which key',
    arguments: {
      room: 'the name of a room that you are in',
      name: 'the name of a user',
    },
    examples: ['conclave invite Lobby bob'],
  },
  invitations: {
    does: 'list the invitations that wait for you; conclave join accepts one',
    examples: ['conclave invitations'],
  },
  decline: {
    does: 'decline an invitation',
    arguments: {
      room: 'the room of the invitation, or @NAME of whoever wants to write to you directly',
    },
    examples: ['conclave decline Lobby', 'conclave decline @bob'],
  },
  block: {
    does: 'take no invitations or direct messages from a user; leaves the direct room with the user',
    arguments: {
      name: 'the name of a user',
    },
    examples: ['conclave block mallory'],
  },
  unblock: {
    does: 'take invitations and direct messages from a user again',
    arguments: {
      name: 'the name of a user',
    },
    examples: ['conclave unblock mallory'],
  },
  blocked: {
    does: 'list whom you have blocked',
    examples: ['conclave blocked'],
  },
} as const satisfies Readonly<Record<string, CommandText>>;
