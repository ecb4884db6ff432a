import { asSentence } from '../../as-sentence.ts';
import { counted, shown } from '../numbers.ts';

/** Members, their keys, and how far they are trusted. */
export const personTexts = {
  trust: {
    verified: 'verified',
    verified_before: 'verified before, with a different key: compare again',
    pinned: 'as first seen, not compared',
    changed: 'KEY CHANGED, not accepted',
  },
  members_of: (count: number, room: string): string => `${counted(count, 'member')} of ${room}`,
  nobody_called: 'no member matches',
  online: 'online',
  away: 'away',
  count_online: (count: number, room: string): string => `${shown(count)} online in ${room}`,
  who_online: (users: readonly string[], room: string): string => `online in ${room}: ${users.join(', ')}`,
  suite_of_room: (suite: number): string => `messages are encrypted by suite ${suite}`,
  trust_is: (trust: string): string => `Trust: ${trust}`,
  compare: 'compare safety numbers',
  keys_of: (user: string, server: string): string => `Keys of ${user} at ${server}`,
  key: (number: number, made: string, isCurrent: boolean): string =>
    `Key ${shown(number)}${isCurrent ? ' (current)' : ''}, made ${made}`,
  safety_number: (user: string): string => `Safety number with ${user}`,
  safety_number_about: (user: string): string =>
    `${user} sees the same number with /verify. Compare it on the phone or face to face: if all digits are the same, nobody sits between you.`,
  now: (trust: string): string => `Now: ${trust}.`,
  same_as_code: 'The same as a QR code:',
  same: 'it is the same: mark verified',
  same_changed: 'it is the same: accept and mark verified',
  verified: (user: string): string => `${user} is verified`,
  changed: (user: string): readonly string[] => [
    `${user} has a different key than before: a new machine, or somebody in between.`,
    'Until you accept it, nothing is sent in the rooms that you share.',
  ],
  not_changed: (user: string): string => `the key of ${user} has not changed: /verify ${user} compares it`,
  new_fingerprint: 'The new fingerprint:',
  accept: (user: string): string => `Accept the new key of ${user} without comparing?`,
  accept_yes: 'accept',
  accepted: (user: string): string => `accepted the new key of ${user}: sending works again`,
  ignoring_nobody: 'you ignore nobody',
  ignoring: (users: readonly string[]): string => `you ignore ${users.join(', ')}`,
  not_yourself: 'you cannot ignore yourself',
  ignored: (user: string): string => `messages from ${user} are hidden; /ignore ${user} shows them again`,
  not_ignored: (user: string): string => `messages from ${user} are shown again`,
} as const;

/** What concerns somebody outside of any one room. */
export const notices = {
  rotated: (user: string): string =>
    `${user} is no longer verified: a new key, signed by the old one. Compare again with /verify ${user}`,
  key_changed: (user: string): string =>
    `The key of ${user} changed. Nothing is sent in rooms that you share until you compare it with /verify ${user}, or accept it with /trust ${user}.`,
  membership_moved: (room: string, from: number, to: number): string =>
    `The server says that you rejoined ${room}: messages from ${from} to ${to} may be hidden`,
  kept_only: (reason: string): string =>
    `Not connected yet: ${asSentence(reason)} This is what was kept here; it may have changed since.`,
  in_room: (room: string, said: string): string => `${room}: ${said}`,
  rooms_followed: (count: number): string =>
    `the server lets you follow ${count} rooms at a time: the others show what is new when you open them`,
  message_in: (from: string, room: string): string => `${from} wrote in ${room}`,
  mention_in: (from: string, room: string): string => `${from} mentioned you in ${room}`,
} as const;
