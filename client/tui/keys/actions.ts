import { tuiTexts } from '../../texts/tui-texts.ts';

export interface Action {
  readonly id: string;
  /** Of the default; more than one where terminals or habits differ. In the form of parseKeyName. */
  readonly keys: readonly string[];
  readonly section: keyof typeof tuiTexts.sections;
}

function action<const Id extends string>(
  section: Action['section'],
  id: Id,
  keys: readonly string[],
): Action & { readonly id: Id } {
  return { id, keys, section };
}

/** Everything that a key can do: the help, the documentation and the defaults of the config file are made from this. */
export const actions = [
  action('writing', 'send', ['enter']),
  action('writing', 'new-line', ['alt+enter', 'shift+enter', 'ctrl+j']),
  action('writing', 'complete', ['tab']),
  action('writing', 'complete-back', ['shift+tab']),
  action('writing', 'left', ['left', 'ctrl+b']),
  action('writing', 'right', ['right', 'ctrl+f']),
  action('writing', 'word-left', ['alt+b', 'ctrl+left', 'alt+left']),
  action('writing', 'word-right', ['alt+f', 'ctrl+right', 'alt+right']),
  action('writing', 'line-start', ['ctrl+a', 'home']),
  action('writing', 'line-end', ['ctrl+e', 'end']),
  action('writing', 'up', ['up']),
  action('writing', 'down', ['down']),
  action('writing', 'delete-left', ['backspace']),
  action('writing', 'delete-right', ['delete', 'ctrl+d']),
  action('writing', 'kill-word-left', ['ctrl+w', 'alt+backspace']),
  action('writing', 'kill-word-right', ['alt+d', 'alt+delete']),
  action('writing', 'kill-line-left', ['ctrl+u']),
  action('writing', 'kill-line-right', ['ctrl+k']),
  action('writing', 'yank', ['ctrl+y']),
  action('writing', 'yank-older', ['alt+y']),
  action('writing', 'undo', ['ctrl+_']),
  action('writing', 'history-older', ['ctrl+up']),
  action('writing', 'history-newer', ['ctrl+down']),
  action('writing', 'recall-older', ['alt+shift+up']),
  action('writing', 'recall-newer', ['alt+shift+down']),
  action('writing', 'search-history', ['ctrl+r']),
  action('writing', 'edit-externally', ['alt+e']),
  action('writing', 'clear-or-quit', ['ctrl+c']),
  action('writing', 'cancel', ['escape']),
  action('rooms', 'room-1', ['alt+1']),
  action('rooms', 'room-2', ['alt+2']),
  action('rooms', 'room-3', ['alt+3']),
  action('rooms', 'room-4', ['alt+4']),
  action('rooms', 'room-5', ['alt+5']),
  action('rooms', 'room-6', ['alt+6']),
  action('rooms', 'room-7', ['alt+7']),
  action('rooms', 'room-8', ['alt+8']),
  action('rooms', 'room-9', ['alt+9']),
  action('rooms', 'room-next', ['ctrl+n', 'ctrl+pagedown']),
  action('rooms', 'room-previous', ['ctrl+p', 'ctrl+pageup']),
  action('rooms', 'next-unread', ['alt+a']),
  action('rooms', 'switch-room', ['ctrl+t']),
  action('reading', 'page-up', ['pageup']),
  action('reading', 'page-down', ['pagedown']),
  action('reading', 'scroll-up', ['shift+up']),
  action('reading', 'scroll-down', ['shift+down']),
  action('reading', 'wheel-up', ['wheelup']),
  action('reading', 'wheel-down', ['wheeldown']),
  action('reading', 'jump-to-top', ['alt+home', 'ctrl+home']),
  action('reading', 'jump-to-unread', ['alt+u']),
  action('reading', 'jump-to-end', ['alt+end', 'ctrl+end', 'alt+g']),
  action('reading', 'previous-mention', ['alt+p']),
  action('reading', 'next-mention', ['alt+n']),
  action('reading', 'links', ['alt+o']),
  action('reading', 'retry-failed', ['alt+r']),
  action('messages', 'select-older', ['alt+up']),
  action('messages', 'select-newer', ['alt+down']),
  action('messages', 'reply', ['r']),
  action('messages', 'edit', ['e']),
  action('messages', 'react', ['a']),
  action('messages', 'copy', ['c']),
  action('messages', 'open-link', ['o']),
  action('messages', 'earlier', ['v']),
  action('messages', 'retract', ['d']),
  action('messages', 'remove', ['x']),
  action('messages', 'jump-to-answered', ['j']),
  action('screen', 'help', ['f1']),
  action('screen', 'toggle-members', ['alt+m', 'f4']),
  action('screen', 'toggle-rooms', ['alt+l', 'f3']),
  action('screen', 'reconnect', ['f5']),
  action('screen', 'bare', ['f6']),
  action('screen', 'redraw', ['ctrl+l']),
  action('screen', 'suspend', ['ctrl+z']),
] as const satisfies readonly Action[];

export type ActionId = (typeof actions)[number]['id'];

/** What it does, in the imperative. */
export function aboutOf(id: ActionId): string {
  return tuiTexts.actions[id];
}

export function isActionId(text: string): text is ActionId {
  return actions.some(({ id }) => id === text);
}

/** What can be done to the message that is selected: only then do their keys mean this, so they may be letters. */
export const MESSAGE_ACTIONS = [
  'reply',
  'edit',
  'react',
  'copy',
  'open-link',
  'earlier',
  'retract',
  'remove',
  'jump-to-answered',
] as const;
export type MessageAction = (typeof MESSAGE_ACTIONS)[number];

export function isMessageAction(action: ActionId): action is MessageAction {
  return MESSAGE_ACTIONS.some((each) => each === action);
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
  'select-older',
  'select-newer',
  'redraw',
]);

/** Whether an action only moves about, in what is written or on the screen. */
export function isMove(action: ActionId): boolean {
  return moves.has(action);
}
