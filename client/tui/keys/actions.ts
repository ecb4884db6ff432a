export type ActionSection = 'Writing' | 'Rooms' | 'Reading' | 'Screen';

export interface Action {
  readonly id: string;
  /** Of the default; more than one where terminals or habits differ. In the form of parseKeyName. */
  readonly keys: readonly string[];
  /** Completes the sentence "This key …". */
  readonly about: string;
  readonly section: ActionSection;
}

function action<const Id extends string>(
  section: ActionSection,
  id: Id,
  keys: readonly string[],
  about: string,
): Action & { readonly id: Id } {
  return { id, keys, about, section };
}

/** Everything that a key can do: the help, the documentation and the defaults of the config file are made from this. */
export const actions = [
  action('Writing', 'send', ['enter'], 'sends what is written, or carries out a /command'),
  action('Writing', 'new-line', ['alt+enter', 'shift+enter', 'ctrl+j'], 'begins a new line'),
  action(
    'Writing',
    'complete',
    ['tab'],
    'completes a name, a room, a /command or the short name of an emoji, such as :smi; again: the next one',
  ),
  action('Writing', 'complete-back', ['shift+tab'], 'goes back to the completion before'),
  action('Writing', 'left', ['left', 'ctrl+b'], 'goes one character back'),
  action('Writing', 'right', ['right', 'ctrl+f'], 'goes one character on'),
  action('Writing', 'word-left', ['alt+b', 'ctrl+left', 'alt+left'], 'goes one word back'),
  action('Writing', 'word-right', ['alt+f', 'ctrl+right', 'alt+right'], 'goes one word on'),
  action('Writing', 'line-start', ['ctrl+a', 'home'], 'goes to the beginning of the line'),
  action('Writing', 'line-end', ['ctrl+e', 'end'], 'goes to the end of the line'),
  action('Writing', 'up', ['up'], 'goes one line up; on the first: to what was written before in this room'),
  action(
    'Writing',
    'down',
    ['down'],
    'goes one line down; on the last: to what was written after in this room',
  ),
  action('Writing', 'delete-left', ['backspace'], 'deletes the character before the cursor'),
  action('Writing', 'delete-right', ['delete', 'ctrl+d'], 'deletes the character at the cursor'),
  action('Writing', 'kill-word-left', ['ctrl+w', 'alt+backspace'], 'cuts the word before the cursor'),
  action('Writing', 'kill-word-right', ['alt+d', 'alt+delete'], 'cuts the word after the cursor'),
  action('Writing', 'kill-line-left', ['ctrl+u'], 'cuts everything before the cursor on the line'),
  action('Writing', 'kill-line-right', ['ctrl+k'], 'cuts everything after the cursor on the line'),
  action('Writing', 'yank', ['ctrl+y'], 'inserts what was cut last'),
  action('Writing', 'yank-older', ['alt+y'], 'after that: what was cut before it instead'),
  action('Writing', 'undo', ['ctrl+_'], 'takes back the last change'),
  action('Writing', 'history-older', ['ctrl+up'], 'goes to what was written before, in any room'),
  action('Writing', 'history-newer', ['ctrl+down'], 'goes to what was written after, in any room'),
  action('Writing', 'search-history', ['ctrl+r'], 'searches what was written before; again: further back'),
  action(
    'Writing',
    'clear-or-quit',
    ['ctrl+c'],
    'clears the input; twice within 2 s on an empty one: leaves',
  ),
  action(
    'Writing',
    'cancel',
    ['escape'],
    'closes a list or a question, cancels a command, puts a notice away, marks all as read',
  ),
  action('Rooms', 'room-1', ['alt+1'], 'goes to the 1st room'),
  action('Rooms', 'room-2', ['alt+2'], 'goes to the 2nd room'),
  action('Rooms', 'room-3', ['alt+3'], 'goes to the 3rd room'),
  action('Rooms', 'room-4', ['alt+4'], 'goes to the 4th room'),
  action('Rooms', 'room-5', ['alt+5'], 'goes to the 5th room'),
  action('Rooms', 'room-6', ['alt+6'], 'goes to the 6th room'),
  action('Rooms', 'room-7', ['alt+7'], 'goes to the 7th room'),
  action('Rooms', 'room-8', ['alt+8'], 'goes to the 8th room'),
  action('Rooms', 'room-9', ['alt+9'], 'goes to the 9th room'),
  action('Rooms', 'room-next', ['ctrl+n', 'alt+down'], 'goes to the next room'),
  action('Rooms', 'room-previous', ['ctrl+p', 'alt+up'], 'goes to the room before'),
  action('Rooms', 'next-unread', ['alt+a'], 'goes to the next room with unread messages, mentions first'),
  action('Rooms', 'switch-room', ['ctrl+t'], 'finds a room by some letters of its name'),
  action('Reading', 'page-up', ['pageup'], 'scrolls one page up'),
  action('Reading', 'page-down', ['pagedown'], 'scrolls one page down'),
  action('Reading', 'scroll-up', ['shift+up'], 'scrolls one row up'),
  action('Reading', 'scroll-down', ['shift+down'], 'scrolls one row down'),
  action('Reading', 'wheel-up', ['wheelup'], 'scrolls three rows up'),
  action('Reading', 'wheel-down', ['wheeldown'], 'scrolls three rows down'),
  action('Reading', 'jump-to-top', ['alt+home', 'ctrl+home'], 'goes to the oldest message that can be read'),
  action('Reading', 'jump-to-unread', ['alt+u'], 'jumps to the first unread message'),
  action('Reading', 'jump-to-end', ['alt+end', 'ctrl+end', 'alt+g'], 'jumps to the newest message'),
  action('Reading', 'previous-mention', ['alt+p'], 'goes to the mention before'),
  action('Reading', 'next-mention', ['alt+n'], 'goes to the next mention'),
  action('Reading', 'links', ['alt+o'], 'lists the links in this room'),
  action('Reading', 'retry-failed', ['alt+r'], 'sends again what could not be sent'),
  action('Screen', 'help', ['f1'], 'shows all keys and commands'),
  action('Screen', 'toggle-members', ['alt+m', 'f4'], 'shows or hides the members'),
  action('Screen', 'toggle-rooms', ['alt+l', 'f3'], 'shows or hides the rooms'),
  action('Screen', 'reconnect', ['f5'], 'tries to connect now'),
  action('Screen', 'redraw', ['ctrl+l'], 'draws the screen again'),
  action('Screen', 'suspend', ['ctrl+z'], 'goes to the background; fg comes back'),
] as const satisfies readonly Action[];

export type ActionId = (typeof actions)[number]['id'];

export function isActionId(text: string): text is ActionId {
  return actions.some(({ id }) => id === text);
}

const moves: ReadonlySet<ActionId> = new Set<ActionId>([
  'left',
  'right',
  'word-left',
  'word-right',
  'line-start',
  'line-end',
  'up',
  'down',
  'page-up',
  'page-down',
  'scroll-up',
  'scroll-down',
  'wheel-up',
  'wheel-down',
  'redraw',
]);

/** Whether an action only moves about, in what is written or on the screen. */
export function isMove(action: ActionId): boolean {
  return moves.has(action);
}
