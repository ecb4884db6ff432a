import { timeline as ofTimelines, status } from '../chat/status.ts';
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
  ...status,
  at: (server: string): string => `at ${server}`,
  running: (command: string, key: string | undefined): string =>
    key === undefined ? `… ${command}` : `… ${command} (${key} cancels)`,
  new_below: (count: number): string => `↓ ${shown(count)} new`,
  more_below: '↓ more below',
  help: (key: string): string => `${key} help`,
  key: (key: string, what: string): string => `${key} ${what}`,
  leave: 'cancel',
  answering: (from: string, text: string, key: string | undefined): string =>
    `↳ answering ${from}: ${text}${cancelledBy(key)}`,
  editing: (text: string, key: string | undefined): string => `✎ editing: ${text}${cancelledBy(key)}`,
  retry_now: (how: string): string => `${how} tries now`,
  more_members: (count: number): string => `+${shown(count)} more: /members`,
  search: 'search:',
  nothing_found: 'nothing found',
  shows_first: (key: string): string => `${key} shows the first`,
  marks_read: (key: string): string => `${key} marks all as read`,
} as const;

function cancelledBy(key: string | undefined): string {
  return key === undefined ? '' : ` · ${key} cancels`;
}

/** What stands in a timeline besides what people write. */
export const timeline = {
  ...ofTimelines,
  not_sent: (reason: string, key: string | undefined): string =>
    key === undefined ? `not sent: ${reason}` : `not sent: ${reason} (${key} tries again)`,
  transfer: (percent: string, key: string | undefined): string =>
    key === undefined ? percent : `${percent} (${key} cancels)`,
  more_rows: (count: number): string => `… ${counted(count, 'more row')}`,
  loads_older: (key: string): string => `${key} loads older messages`,
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
  close: (leaving = 'close'): string => `Enter or Esc: ${leaving}`,
  scroll: (leaving = 'close'): string => `↑ ↓: scroll · Enter or Esc: ${leaving}`,
  code_too_wide: (columns: number): string => `(A QR code needs ${columns} columns here.)`,
  paste: (lines: number): string => `Paste ${counted(lines, 'line')}?`,
  paste_first: (line: string): string => `The first line: ${line}`,
  paste_cut: 'The text was longer than can be pasted: the rest is lost.',
  paste_yes: 'paste',
  quit_again: (key: string): string => `${key} again quits`,
  link: 'Link',
  open_link: 'open it',
  copy_link: 'copy it',
  link_differs: 'A browser might go elsewhere than this address says, so it is not opened from here.',
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

/** The command that tells of an alert. */
export const alerts = {
  failed: 'notify-command in the config file failed: try it in a shell',
} as const;

/** Pictures that the chosen program draws in the terminal. */
export const pictures = {
  failed: (command: string): string =>
    `${command} could not draw the picture: try it in a shell, or change picture-viewer in the config file`,
  no_screen: 'the picture came while the screen was in use: repeat /open to see it',
} as const;

/** An editor of the person's own. */
export const editor = {
  none: 'no editor is set: set VISUAL or EDITOR in your environment',
  failed: (command: string): string => `the editor failed, so the text is unchanged: ${command}`,
  no_place: (folder: string): string =>
    `the text could not be written for the editor: check that ${folder} exists, is yours to write, and has room`,
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
