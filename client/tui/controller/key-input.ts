import { edit, isEditAction } from '../editor/edit.ts';
import { type ActionId, isMove } from '../keys/actions.ts';
import type { KeyName } from '../keys/key-name.ts';
import type { InputEvent, TypedEvent } from '../keys/key-reader.ts';
import type { Notice } from '../model/model.ts';
import { withoutNotices } from '../model/notice.ts';
import type { TerminalScreen } from '../screen/terminal-screen.ts';
import type { DialogKey, Dialogs } from './dialogs.ts';
import type { Store } from './store.ts';

interface KeyInputOptions {
  readonly store: Store;
  readonly dialogs: Dialogs;
  readonly screen: TerminalScreen;
  readonly keymap: ReadonlyMap<KeyName, ActionId>;
  /** Ctrl+C before there is a chat. */
  leave(): void;
  /** The help before there is a chat. */
  help(): void;
}

/** Hands what the keyboard says to the dialog that is open, else to the chat. */
export class KeyInput {
  readonly #options: KeyInputOptions;
  readonly #waiting: InputEvent[] = [];
  #turn: NodeJS.Immediate | undefined;
  /** Takes what no dialog does, once there is a chat. */
  chat: { take(event: TypedEvent, action: ActionId | undefined): void } | undefined;

  constructor(options: KeyInputOptions) {
    this.#options = options;
  }

  /**
   * Events come in turns, also when they came in one piece: what one of them sets off, such as a question, is there before
   * the next one is taken. Otherwise a password that is typed ahead would go into the room.
   */
  take(event: InputEvent): void {
    if (this.#turn === undefined) this.#takeNow(event);
    else this.#waiting.push(event);
  }

  /** What waits is dropped. */
  close(): void {
    clearImmediate(this.#turn);
  }

  #takeNow(event: InputEvent): void {
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#takeNow(next);
    });
    this.#handle(event);
  }

  #handle(event: InputEvent): void {
    const { dialogs, help, keymap, leave, screen, store } = this.#options;
    if (event.type === 'focus') {
      store.change((model) => ({ ...model, focused: event.focused }));
      return;
    }
    const action = event.type === 'key' ? keymap.get(event.key) : undefined;
    const read = noticesRead(action);
    if (read.length > 0) store.change((model) => withoutNotices(model, read));
    if (action === 'redraw') {
      screen.forget();
      store.drawNow();
    } else if (action === 'suspend') screen.suspend();
    else if (this.chat === undefined && action === 'clear-or-quit') leave();
    else if (this.chat === undefined && action === 'help') help();
    else if (dialogs.isOpen) {
      const key = dialogKey(event, action);
      if (key !== undefined) dialogs.handle(key);
    } else this.chat?.take(event, action);
  }
}

/** Which notices somebody has read who goes on by this key. Moving about puts none away. */
function noticesRead(action: ActionId | undefined): ReadonlyArray<Notice['stays']> {
  if (action === 'send') return ['while-reading', 'while-editing'];
  // What Escape is for is decided where it is known what goes on.
  return action === 'cancel' || (action !== undefined && isMove(action)) ? [] : ['while-reading'];
}

function dialogKey(event: TypedEvent, action: ActionId | undefined): DialogKey | undefined {
  if (event.type !== 'key') return { type: 'text', text: event.text };
  if (event.key === 'escape' || action === 'cancel' || action === 'clear-or-quit') return { type: 'cancel' };
  const named = dialogKeys[event.key];
  if (named !== undefined) return { type: named };
  if (action === undefined || !isEditAction(action)) return undefined;
  return { type: 'edit', change: (editor) => edit(editor, action) };
}

const dialogKeys: Readonly<Record<string, 'accept' | 'up' | 'down' | 'page-up' | 'page-down'>> = {
  enter: 'accept',
  up: 'up',
  down: 'down',
  pageup: 'page-up',
  pagedown: 'page-down',
  wheelup: 'up',
  wheeldown: 'down',
};
