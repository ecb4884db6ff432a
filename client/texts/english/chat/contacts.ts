/** Direct messages, invitations, and who is blocked. */
export const contactTexts = {
  /** `key`: how far the key is trusted, and the beginning of its fingerprint. */
  invited: (from: string, room: string, key: string): string =>
    `${from} invites you to ${room} (${key}): /join ${room} accepts, /decline ${room} refuses`,
  writes: (from: string, room: string, key: string): string =>
    `${from} wants to write to you directly (${key}): /join ${room} accepts, /decline ${room} refuses, /block ${from} blocks`,
  key: (trust: string, fingerprint: string): string => `${trust}, key ${fingerprint.slice(0, 16)}…`,
  waiting: 'Invitations',
  none_waiting: 'no invitation waits for you',
  to_room: (room: string): string => `to ${room}`,
  to_direct: 'direct messages',
  room_invitation: (from: string, room: string): string => `${from} invites you to ${room}`,
  direct_invitation: (from: string): string => `${from} wants to write to you directly`,
  about: (trust: string): readonly string[] => [`Trust: ${trust}`, '', 'Fingerprint:'],
  has_password: 'The room has a password, which you are asked for.',
  link: (room: string): string => `Join ${room}?`,
  link_about:
    'A link opened this page to join this room. Its members will see your name and when you are online.',
  link_open: 'Anybody on this server may join it.',
  link_locked: "It has a password, or doesn't exist.",
  link_yes: 'join it',
  accept: 'accept',
  decline: 'decline',
  block: 'block',
  declined: (room: string): string => `declined ${room}`,
  not_invited: (room: string): string => `no invitation to ${room} waits for you: /invitations lists them`,
  decline_which: 'Usage: /decline ROOM, with the room of an invitation',
  unproven: (from: string, room: string): string =>
    `The server shows an invitation from ${from} to ${room} that ${from} did not sign with the key known here: it is not shown. Ask ${from} to invite you again.`,
  sent: (user: string, room: string): string => `invited ${user} to ${room}`,
  direct_is_for_two: 'direct messages are for two: create a room for more',
  block_question: (user: string): string => `Block ${user}?`,
  block_about: (user: string): readonly string[] => [
    `${user} can no longer invite you or write to you directly, and is not told why.`,
    'You leave the direct room with each other. In rooms that you share, /ignore hides messages.',
  ],
  blocked: (user: string): string => `${user} is blocked; /unblock ${user} undoes that`,
  unblocked: (user: string): string => `${user} is no longer blocked`,
  blocking: (users: readonly string[]): string => `you have blocked ${users.join(', ')}`,
  blocking_nobody: 'you have blocked nobody',
} as const;
