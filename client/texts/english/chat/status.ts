import { counted, shown } from '../numbers.ts';

/** What every face says of rooms, of the connection, and of what can be done. */
export const status = {
  product: 'Conclave',
  window: (room: string): string => `${room} – Conclave`,
  gone: 'you are no longer a member: /join rejoins it, /leave removes it',
  opening: 'opening …',
  kept: 'not connected: kept messages',
  not_open: 'could not be opened',
  with_password: 'password room',
  password_unknown: 'locked: /join asks for the password',
  open: 'open room',
  direct: 'direct messages',
  hidden: 'hidden',
  suite: (suite: number): string => `suite ${suite}`,
  no_forward_secrecy: 'no forward secrecy',
  online: (online: number): string => `${shown(online)} online`,
  online_of: (online: number, members: number): string => `${shown(online)} of ${shown(members)} online`,
  you_are: (role: string): string => `you are ${role}`,
  pending: (count: number): string => `${shown(count)} pending`,
  typing: (names: readonly string[]): string => {
    const [one, another] = names;
    if (names.length === 1) return `${one} is typing …`;
    return names.length === 2 ? `${one} and ${another} are typing …` : `${names.length} people are typing …`;
  },
  keying: ({ done, of }: { readonly done: number; readonly of: number }): string =>
    `new key: ${shown(done)} of ${shown(of)} members`,
  // What can be done to a message
  message: {
    reply: 'reply',
    edit: 'edit',
    react: 'react',
    copy: 'copy',
    'open-link': 'open link',
    earlier: 'earlier versions',
    retract: 'take back',
    remove: 'remove',
    'jump-to-answered': 'what it answers',
  },
  disappearing: (life: string): string => `what you write disappears after ${life}`,
  nothing_stored: 'nothing stored',
  stored: (time: string): string => `stored ${time}`,
  connecting: 'connecting …',
  connected: '● connected',
  connected_in: (ms: number): string => `● connected ${shown(ms)} ms`,
  without_tls: (connected: string): string => `${connected}, without TLS`,
  held_up: (reason: string): string => `● ${reason}`,
  offline: (seconds: number): string => `○ offline, next try in ${shown(seconds)} s`,
  closed: (reason: string): string => `○ closed: ${reason}`,
  key_changed: (users: readonly string[]): string =>
    `key of ${users.join(', ')} changed: sending stopped, /verify or /trust`,
  encrypted: 'end-to-end encrypted',
  verified: (verified: number, others: number): string => `${shown(verified)} of ${shown(others)} verified`,
  // Unread messages
  unread: (count: string): string => `${count} unread`,
  unread_since: (count: string, since: string): string => `${count} unread since ${since}`,
  loading: 'loading …',
} as const;

/** What stands in a timeline besides what people write. */
export const timeline = {
  marks: {
    late: "the sender's clock is more than a day off",
    recipients_differ: 'encrypted for people other than the members',
    order_contradicted: 'its sender was shown different messages before it than you were',
  },
  mark: (text: string): string => `[${text}]`,
  edited: '[edited]',
  written: (when: string): string => `[written ${when}]`,
  written_day: (day: string, time: string): string => `${day}, ${time}`,
  disappears: (life: string): string => `[disappears after ${life}]`,
  disappeared: 'this message has disappeared',
  retracted: 'took this message back',
  removed: (said: string): string => `${said} (/removed shows it)`,
  fault: (status: string, reason: string): string => `${status}: ${reason}`,
  no_reason: 'no reason',
  answers: (what: string): string => `↳ ${what}`,
  answers_unknown: 'an earlier message',
  answers_gone: (from: string): string => `a withdrawn message from ${from}`,
  answers_disappeared: (from: string): string => `a message from ${from} that has disappeared`,
  answers_ignored: (from: string): string => `a message from ${from}`,
  answers_text: (from: string, text: string): string => `${from}: ${text}`,
  gap: (missing: number, from: string): string =>
    `${counted(missing, 'message')} from ${from} missing before the next one`,
  // A file of a message
  file: (number: number | undefined, name: string, facts: readonly string[]): string =>
    `${number === undefined ? '' : `[${number}] `}${name} · ${facts.join(' · ')}`,
  pixels: (width: number, height: number): string => `${width} × ${height}`,
  not_saved: 'not downloaded',
  transfers: {
    reading: (percent: number): string => `reading, ${percent} %`,
    sending: (percent: number): string => `${percent} % sent`,
    receiving: (percent: number): string => `${percent} %`,
  },
  saved: (place: string): string => `saved as ${place}`,
  file_states: {
    opened: 'opened',
    gone: 'no longer on the server',
    altered: 'altered by the server: not saved',
  },
  beginning: 'beginning of what you can read',
  nothing_yet: 'no messages you can read yet: write one',
  older_kept: 'older messages come with the connection',
  loading_older: 'loading older messages …',
  older: 'there are older messages',
  ignored: (count: number, whose: string): string => `${counted(count, 'ignored message')} from ${whose}`,
  ignored_people: (count: number): string => `${counted(count, 'person', 'people')}`,
} as const;
