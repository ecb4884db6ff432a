import { counted, shown } from '../numbers.ts';

/** Keys as hints name them. */
export const keys = {
  ctrl: 'Ctrl',
  alt: 'Alt',
  shift: 'Shift',
  enter: 'Enter',
  tab: 'Tab',
  backspace: 'Backspace',
  escape: 'Esc',
  space: 'Space',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  home: 'Home',
  end: 'End',
  pageup: 'PageUp',
  pagedown: 'PageDown',
  insert: 'Insert',
  delete: 'Delete',
  wheelup: 'wheel up',
  wheeldown: 'wheel down',
} as const;

/** The lines above and below the timeline, and the panels beside it. */
export const bars = {
  product: 'Conclave',
  window: (room: string): string => `${room} – Conclave`,
  at: (server: string): string => `at ${server}`,
  gone: 'you are no longer a member: /join rejoins it, /leave removes it',
  opening: 'opening …',
  not_open: 'could not be opened',
  with_password: 'password room',
  password_unknown: 'locked: /join asks for the password',
  open: 'open room',
  hidden: 'hidden',
  suite: (suite: number): string => `suite ${suite}`,
  no_forward_secrecy: 'no forward secrecy',
  online: (online: number): string => `${shown(online)} online`,
  online_of: (online: number, members: number): string => `${shown(online)} of ${shown(members)} online`,
  you_are: (role: string): string => `you are ${role}`,
  running: (command: string, key: string | undefined): string =>
    key === undefined ? `… ${command}` : `… ${command} (${key} cancels)`,
  pending: (count: number): string => `${shown(count)} pending`,
  new_below: (count: number): string => `↓ ${shown(count)} new`,
  more_below: '↓ more below',
  typing: (names: readonly string[]): string => {
    const [one, another] = names;
    if (names.length === 1) return `${one} is typing …`;
    return names.length === 2 ? `${one} and ${another} are typing …` : `${names.length} people are typing …`;
  },
  help: (key: string): string => `${key} help`,
  // A message is selected
  message: {
    reply: 'reply',
    edit: 'edit',
    react: 'react',
    copy: 'copy',
    'open-link': 'open link',
    retract: 'take back',
    'jump-to-answered': 'what it answers',
  },
  key: (key: string, what: string): string => `${key} ${what}`,
  leave: 'cancel',
  answering: (from: string, text: string, key: string | undefined): string =>
    `↳ answering ${from}: ${text}${cancelledBy(key)}`,
  editing: (text: string, key: string | undefined): string => `✎ editing: ${text}${cancelledBy(key)}`,
  nothing_stored: 'nothing stored',
  stored: (time: string): string => `stored ${time}`,
  connecting: 'connecting …',
  connected: '● connected',
  connected_in: (ms: number): string => `● connected ${shown(ms)} ms`,
  without_tls: (connected: string): string => `${connected}, without TLS`,
  offline: (seconds: number): string => `○ offline, next try in ${shown(seconds)} s`,
  retry_now: (how: string): string => `${how} tries now`,
  closed: (reason: string): string => `○ closed: ${reason}`,
  key_changed: (users: readonly string[]): string =>
    `key of ${users.join(', ')} changed: sending stopped, /verify or /trust`,
  encrypted: 'end-to-end encrypted',
  verified: (verified: number, others: number): string => `${shown(verified)} of ${shown(others)} verified`,
  more_members: (count: number): string => `+${shown(count)} more: /members`,
  search: 'search:',
  nothing_found: 'nothing found',
  // Unread messages
  unread: (count: string): string => `${count} unread`,
  unread_since: (count: string, since: string): string => `${count} unread since ${since}`,
  loading: 'loading …',
  shows_first: (key: string): string => `${key} shows the first`,
  marks_read: (key: string): string => `${key} marks all as read`,
} as const;

function cancelledBy(key: string | undefined): string {
  return key === undefined ? '' : ` · ${key} cancels`;
}

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
  retracted: 'took this message back',
  removed: (said: string): string => `${said} (/removed shows it)`,
  fault: (status: string, reason: string): string => `${status}: ${reason}`,
  no_reason: 'no reason',
  answers: (what: string): string => `↳ ${what}`,
  answers_unknown: 'an earlier message',
  answers_gone: (from: string): string => `a withdrawn message from ${from}`,
  answers_ignored: (from: string): string => `a message from ${from}`,
  answers_text: (from: string, text: string): string => `${from}: ${text}`,
  gap: (missing: number, from: string): string =>
    `${counted(missing, 'message')} from ${from} missing before the next one`,
  not_sent: (reason: string, key: string | undefined): string =>
    key === undefined ? `not sent: ${reason}` : `not sent: ${reason} (${key} tries again)`,
  // A file of a message
  file: (number: number | undefined, name: string, facts: readonly string[]): string =>
    `${number === undefined ? '' : `[${number}] `}${name} · ${facts.join(' · ')}`,
  pixels: (width: number, height: number): string => `${width} × ${height}`,
  not_saved: 'not downloaded',
  transfer: (percent: string, key: string | undefined): string =>
    key === undefined ? percent : `${percent} (${key} cancels)`,
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
  more_rows: (count: number): string => `… ${counted(count, 'more row')}`,
  beginning: 'beginning of what you can read',
  loading_older: 'loading older messages …',
  loads_older: (key: string): string => `${key} loads older messages`,
  older: 'there are older messages',
  ignored: (count: number, whose: string): string => `${counted(count, 'ignored message')} from ${whose}`,
  ignored_people: (count: number): string => `${counted(count, 'person', 'people')}`,
} as const;

/** Dialogs, and what only a terminal says. Enter, Esc, ↑ and ↓ always work in dialogs, whatever else they are bound to. */
export const dialogs = {
  accept_prompt: {
    cancel: 'Enter: OK · Esc: cancel',
    back: 'Enter: next · Esc: back',
    quit: 'Enter: next · Esc: quit',
  },
  cancel: 'Esc: cancel',
  no: 'no',
  /** The letters that answer a question. */
  yes_key: 'y',
  no_key: 'n',
  press: (yes: string, no: string): string => `Press ${yes} or ${no}.`,
  choose: '↑ ↓: choose · Enter: OK · Esc: close',
  more: (count: number, keys: string): string => `${shown(count)} more · ${keys}`,
  close: 'Enter or Esc: close',
  scroll: '↑ ↓: scroll · Enter or Esc: close',
  code_too_wide: (columns: number): string => `(A QR code needs ${columns} columns here.)`,
  paste: (lines: number): string => `Paste ${counted(lines, 'line')}?`,
  paste_first: (line: string): string => `The first line: ${line}`,
  paste_cut: 'The text was longer than can be pasted: the rest is lost.',
  paste_yes: 'paste',
  quit_again: (key: string): string => `${key} again quits`,
  link: 'Link',
  text: 'Text of the message',
  copied: (text: string): string => `Copied ${text}`,
  copy_advice: 'To have it copied to the clipboard instead, set clipboard = true in the config file.',
  crashed: (error: string): string => `conclave ended unexpectedly: ${error}`,
} as const;

/** The view for selecting with the mouse. */
export const bare = {
  message: (time: string, from: string, text: string): string => `${time} ${from}: ${text}`,
  event: (time: string, text: string): string => `${time} -- ${text}`,
  back: 'Press any key to return.',
} as const;

/** An editor of the person's own. */
export const editor = {
  none: 'no editor is set: set VISUAL or EDITOR in your environment',
  failed: (command: string): string => `the editor failed, so the text is unchanged: ${command}`,
  removed: 'the editor removed the text, so it is unchanged',
  too_long: (max: number): string => `the text has more than ${shown(max)} characters, so it is unchanged`,
  not_utf8: 'the text is not UTF-8, so it is unchanged',
} as const;

/** What the first start explains, and what an empty screen offers. */
export const start = {
  help: 'The first start',
  help_lines: (quitKey: string | undefined): readonly string[] => [
    'Conclave asks for three things: a server, a user name and a passphrase.',
    '',
    'Server: its address, such as wss://chat.example.org, from whoever runs it. To run one on this machine, see the README: npm start, then ws://127.0.0.1:8080.',
    '',
    'User name: what others see. Nobody else can ever have it, and it cannot be changed.',
    '',
    'Passphrase: protects your keys on this machine. It never leaves it, and nobody can restore it.',
    '',
    `Enter goes to the next question, Esc back to the previous one${quitKey === undefined ? '' : `, ${quitKey} quits`}. Until the last answer, nothing is registered and no file is written.`,
  ],
  no_room: 'You are not in a room yet.',
  no_room_commands: [
    ['/rooms', 'list the rooms, with how many people are in each'],
    ['/join ROOM', 'join a room'],
    ['/create NAME', 'create a room of your own'],
    ['/help', 'all commands and keys'],
  ],
} as const;
