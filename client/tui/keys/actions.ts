export type ActionSection = 'Writing' | 'Rooms' | 'Reading' | 'Screen';

export interface Action {
  readonly id: string;
  /** Of the default; more than one where terminals or habits differ. In the form of parseKeyName. */
  readonly keys: readonly string[];
  /** In the imperative: "delete the character before the cursor". */
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
  action('Writing', 'send', ['enter'], 'send the text, or run a /command'),
  action('Writing', 'new-line', ['alt+enter', 'shift+enter', 'ctrl+j'], 'start a new line'),
  action(
    'Writing',
    'complete',
    ['tab'],
    'complete a name, a room, a /command or the short name of an emoji, such as :smi; again: the next match',
  ),
  action('Writing', 'complete-back', ['shift+tab'], 'go back to the previous match'),
  action('Writing', 'left', ['left', 'ctrl+b'], 'move back one character'),
  action('Writing', 'right', ['right', 'ctrl+f'], 'move forward one character'),
  action('Writing', 'word-left', ['alt+b', 'ctrl+left', 'alt+left'], 'move back one word'),
  action('Writing', 'word-right', ['alt+f', 'ctrl+right', 'alt+right'], 'move forward one word'),
  action('Writing', 'line-start', ['ctrl+a', 'home'], 'move to the start of the line'),
  action('Writing', 'line-end', ['ctrl+e', 'end'], 'move to the end of the line'),
  action('Writing', 'up', ['up'], 'move up one line; on the first line: recall older input in this room'),
  action(
    'Writing',
    'down',
    ['down'],
    'move down one line; on the last line: recall newer input in this room',
  ),
  action('Writing', 'delete-left', ['backspace'], 'delete the character before the cursor'),
  action('Writing', 'delete-right', ['delete', 'ctrl+d'], 'delete the character at the cursor'),
  action('Writing', 'kill-word-left', ['ctrl+w', 'alt+backspace'], 'cut the word before the cursor'),
  action('Writing', 'kill-word-right', ['alt+d', 'alt+delete'], 'cut the word after the cursor'),
  action('Writing', 'kill-line-left', ['ctrl+u'], 'cut everything before the cursor on the line'),
  action('Writing', 'kill-line-right', ['ctrl+k'], 'cut everything after the cursor on the line'),
  action('Writing', 'yank', ['ctrl+y'], 'paste the last cut text'),
  action('Writing', 'yank-older', ['alt+y'], 'right after pasting: replace it with the text cut before it'),
  action('Writing', 'undo', ['ctrl+_'], 'undo the last change'),
  action('Writing', 'history-older', ['ctrl+up'], 'recall older input from any room'),
  action('Writing', 'history-newer', ['ctrl+down'], 'recall newer input from any room'),
  action('Writing', 'search-history', ['ctrl+r'], 'search older input; again: further back'),
  action('Writing', 'clear-or-quit', ['ctrl+c'], 'clear the input; twice within 2 s on an empty one: quit'),
  action(
    'Writing',
    'cancel',
    ['escape'],
    'close a list or a question, cancel a command, dismiss a notice, mark all as read',
  ),
  action('Rooms', 'room-1', ['alt+1'], 'go to the 1st room'),
  action('Rooms', 'room-2', ['alt+2'], 'go to the 2nd room'),
  action('Rooms', 'room-3', ['alt+3'], 'go to the 3rd room'),
  action('Rooms', 'room-4', ['alt+4'], 'go to the 4th room'),
  action('Rooms', 'room-5', ['alt+5'], 'go to the 5th room'),
  action('Rooms', 'room-6', ['alt+6'], 'go to the 6th room'),
  action('Rooms', 'room-7', ['alt+7'], 'go to the 7th room'),
  action('Rooms', 'room-8', ['alt+8'], 'go to the 8th room'),
  action('Rooms', 'room-9', ['alt+9'], 'go to the 9th room'),
  action('Rooms', 'room-next', ['ctrl+n', 'alt+down'], 'go to the next room'),
  action('Rooms', 'room-previous', ['ctrl+p', 'alt+up'], 'go to the previous room'),
  action('Rooms', 'next-unread', ['alt+a'], 'go to the next room with unread messages, mentions first'),
  action('Rooms', 'switch-room', ['ctrl+t'], 'find a room by a few letters of its name'),
  action('Reading', 'page-up', ['pageup'], 'scroll up one page'),
  action('Reading', 'page-down', ['pagedown'], 'scroll down one page'),
  action('Reading', 'scroll-up', ['shift+up'], 'scroll up one row'),
  action('Reading', 'scroll-down', ['shift+down'], 'scroll down one row'),
  action('Reading', 'wheel-up', ['wheelup'], 'scroll up three rows'),
  action('Reading', 'wheel-down', ['wheeldown'], 'scroll down three rows'),
  action('Reading', 'jump-to-top', ['alt+home', 'ctrl+home'], 'jump to the oldest message that you can read'),
  action('Reading', 'jump-to-unread', ['alt+u'], 'jump to the first unread message'),
  action('Reading', 'jump-to-end', ['alt+end', 'ctrl+end', 'alt+g'], 'jump to the newest message'),
  action('Reading', 'previous-mention', ['alt+p'], 'go to the previous mention'),
  action('Reading', 'next-mention', ['alt+n'], 'go to the next mention'),
  action('Reading', 'links', ['alt+o'], 'list the links in this room'),
  action('Reading', 'retry-failed', ['alt+r'], 'resend messages that could not be sent'),
  action('Screen', 'help', ['f1'], 'show all keys and commands'),
  action('Screen', 'toggle-members', ['alt+m', 'f4'], 'show or hide the members'),
  action('Screen', 'toggle-rooms', ['alt+l', 'f3'], 'show or hide the rooms'),
  action('Screen', 'reconnect', ['f5'], 'connect now'),
  action('Screen', 'redraw', ['ctrl+l'], 'redraw the screen'),
  action('Screen', 'suspend', ['ctrl+z'], 'suspend the client; fg resumes it'),
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
