import type { Application } from '../../chat/application.ts';
import type { Notice } from '../../chat/model/model.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { type ActionId, isMove } from '../keys/actions.ts';
import type { KeyName } from '../keys/key-name.ts';
import type { InputEvent } from '../keys/key-reader.ts';
import type { TerminalScreen } from '../screen/terminal-screen.ts';
import type { ScreenStore } from '../screen-store.ts';
import type { RowCache } from '../view/entry-rows.ts';
import { ChatKeys } from './chat-keys.ts';
import { DialogKeys } from './dialog-keys.ts';
import { TypedAhead } from './typed-ahead.ts';

interface KeyInputOptions {
  readonly application: Application;
  readonly frames: ScreenStore;
  readonly screen: TerminalScreen;
  readonly keymap: ReadonlyMap<KeyName, ActionId>;
  readonly cache: RowCache;
  /** What an editor of the person's own makes of a text. Rejects with ConclaveError. */
  edited(text: string): Promise<string>;
  /** Ctrl+C before there is a chat. */
  leave(): void;
}

/** Hands what the keyboard says to the dialog that is open, else to the chat. */
export class KeyInput {
  readonly #options: KeyInputOptions;
  readonly #waiting: InputEvent[] = [];
  #turn: NodeJS.Immediate | undefined;
  readonly #dialogKeys: DialogKeys;
  #chatKeys: ChatKeys | undefined;
  readonly #ahead = new TypedAhead();
  readonly #unwatch: () => void;

  constructor(options: KeyInputOptions) {
    const { dialogs, store } = options.application;
    this.#options = options;
    this.#dialogKeys = new DialogKeys(dialogs, options.frames);
    this.#unwatch = store.watch(() => this.#follow());
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
    this.#unwatch();
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
    const { application, frames, keymap, leave, screen } = this.#options;
    const { dialogs, notices } = application;
    if (event.type === 'focus') {
      application.focus(event.focused);
      return;
    }
    // Any key leads back from the bare view, and does no more.
    if (frames.model.bare !== undefined) {
      frames.change({ bare: undefined });
      return;
    }
    const action = event.type === 'key' ? keymap.get(event.key) : undefined;
    const read = noticesRead(action);
    if (read.length > 0) notices.read(...read);
    const chat = this.#chat();
    if (action === 'redraw') {
      screen.forget();
      frames.drawNow();
    } else if (action === 'suspend') screen.suspend();
    else if (chat === undefined && action === 'clear-or-quit') leave();
    else if (chat === undefined && action === 'help')
      dialogs.over({
        title: tuiTexts.start.help,
        lines: tuiTexts.start.help_lines(frames.model.hints.of('clear-or-quit')),
      });
    else if (dialogs.isOpen) this.#dialogKeys.take(event, action);
    else if (chat !== undefined) chat.take(event, action);
    else this.#ahead.take(event, action);
  }

  /** What is typed ahead goes into the chat's input once there is one. If a question opens first, it may have been meant as the answer. */
  #follow(): void {
    const { dialogs, store } = this.#options.application;
    const chat = this.#chat();
    if (chat !== undefined) {
      const text = this.#ahead.handOver();
      if (text !== '') chat.insert(text);
      this.#unwatch();
    } else if (dialogs.isOpen) {
      this.#ahead.drop();
      const { dialog } = store.model;
      if (dialog?.kind === 'prompt' && dialog.masked) this.#ahead.keepOut(dialog.text);
    }
  }

  #chat(): ChatKeys | undefined {
    const { application, cache, edited, frames: screen, keymap } = this.#options;
    const { chat } = application;
    if (chat !== undefined)
      this.#chatKeys ??= new ChatKeys(application, chat, { screen, cache, edited, keymap });
    return this.#chatKeys;
  }
}

/** Which notices somebody has read who goes on by this key. Moving about puts none away. */
function noticesRead(action: ActionId | undefined): ReadonlyArray<Notice['stays']> {
  // Who clears the input gives up what was refused; who tries again learns anew what comes of it.
  if (action === 'send' || action === 'clear-or-quit' || action === 'retry-failed')
    return ['while-reading', 'while-editing', 'while-offline'];
  // What Escape is for is decided where it is known what goes on.
  return action === 'cancel' || (action !== undefined && isMove(action)) ? [] : ['while-reading'];
}
