import type { Chat } from '../../chat/chat.ts';
import { type ActionId, isMessageAction, type MessageAction } from '../keys/actions.ts';
import { type KeyName, parseLetterKey } from '../keys/key-name.ts';
import type { Scroller } from './scroller.ts';

/** What the keyboard does while a message is selected: one key for each thing that can be done to it. */
export class MessageKeys {
  readonly #chat: Chat;
  readonly #scroller: Scroller;
  readonly #keymap: ReadonlyMap<KeyName, ActionId>;

  constructor(chat: Chat, scroller: Scroller, keymap: ReadonlyMap<KeyName, ActionId>) {
    this.#chat = chat;
    this.#scroller = scroller;
    this.#keymap = keymap;
  }

  get isActive(): boolean {
    return this.#chat.selection.message !== undefined;
  }

  /** What a letter means; undefined: nothing. */
  actionOf(letter: string): MessageAction | undefined {
    const key = parseLetterKey(letter);
    const action = key && this.#keymap.get(key);
    return action !== undefined && isMessageAction(action) ? action : undefined;
  }

  async older(): Promise<void> {
    await this.#chat.selection.older();
    this.#scroller.showSelected('start');
  }

  newer(): void {
    this.#chat.selection.newer();
    this.#scroller.showSelected('end');
  }

  leave(): void {
    if (this.isActive) this.#chat.selection.clear();
  }

  /** What is refused ends the selection: whoever overlooks that and types on writes a text, instead of reacting by its letters. Rejects with ConclaveError. */
  async perform(action: MessageAction): Promise<void> {
    try {
      await this.#do(action);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  async #do(action: MessageAction): Promise<void> {
    switch (action) {
      case 'reply':
        return this.#chat.reply();
      case 'edit':
        return this.#chat.edit();
      case 'react':
        return this.#chat.react();
      case 'copy':
        return this.#chat.copy();
      case 'open-link':
        return this.#chat.listLinks();
      case 'earlier':
        return this.#chat.showEarlier();
      case 'retract':
        return this.#chat.retract();
      case 'remove':
        return this.#chat.remove();
      case 'jump-to-answered':
        await this.#chat.selection.toAnswered();
        return this.#scroller.showSelected('center');
      default:
        return action satisfies never;
    }
  }
}
