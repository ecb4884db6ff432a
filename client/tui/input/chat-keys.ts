import type { Application } from '../../chat/application.ts';
import type { Chat } from '../../chat/chat.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { edit, insertText } from '../editor/edit.ts';
import { type ActionId, isMessageAction } from '../keys/actions.ts';
import type { KeyName } from '../keys/key-name.ts';
import type { TypedEvent } from '../keys/key-reader.ts';
import type { ScreenModel } from '../screen-model.ts';
import type { ScreenStore } from '../screen-store.ts';
import type { RowCache } from '../view/entry-rows.ts';
import { showsMembers } from '../view/layout.ts';
import { CompletionKeys } from './completion-keys.ts';
import { DraftEditor } from './draft-editor.ts';
import { MessageKeys } from './message-keys.ts';
import { Scroller } from './scroller.ts';

const { dialogs: texts } = tuiTexts;
/** Within this time a second Ctrl+C on an empty input leaves. */
const LEAVE_AGAIN_MS = 2_000;
/** More pasted lines than this are asked about. */
const PASTE_LINES_MAX = 5;

interface ChatKeysOptions {
  readonly screen: ScreenStore;
  readonly cache: RowCache;
  readonly keymap: ReadonlyMap<KeyName, ActionId>;
  /** What an editor of the person's own makes of a text. Rejects with ConclaveError. */
  edited(text: string): Promise<string>;
}

/** What the keyboard does while no dialog is open. */
export class ChatKeys {
  readonly #application: Application;
  readonly #chat: Chat;
  readonly #screen: ScreenStore;
  readonly #scroller: Scroller;
  readonly #draft: DraftEditor;
  readonly #completion: CompletionKeys;
  readonly #message: MessageKeys;
  readonly #edited: ChatKeysOptions['edited'];
  #leaveAskedAtMs = Number.NEGATIVE_INFINITY;

  constructor(application: Application, chat: Chat, { cache, edited, keymap, screen }: ChatKeysOptions) {
    const { notices } = application;
    this.#application = application;
    this.#chat = chat;
    this.#screen = screen;
    this.#edited = edited;
    this.#draft = new DraftEditor(chat.input, screen);
    this.#completion = new CompletionKeys(chat.completer, this.#draft, notices);
    this.#scroller = new Scroller(chat, notices, screen, cache);
    this.#message = new MessageKeys(chat, this.#scroller, keymap);
  }

  take(event: TypedEvent, action: ActionId | undefined): void {
    if (this.#draft.searchKey(event, action)) return;
    if (event.type === 'text') this.#text(event.text);
    else if (event.type === 'paste') this.#run(this.#paste(event.text, event.cut));
    else if (action !== undefined) this.#run(this.#perform(action));
  }

  /** Puts text into the input, as if it had been typed there. */
  insert(text: string): void {
    const { isPostponed } = this.#chat.input;
    this.#draft.change((editor) => insertText(isPostponed ? edit(editor, 'clear') : editor, text));
  }

  /** Letters that come in one piece are keys as long as a message is selected, and text after that. One that is no key ends the selection: whoever types it is writing. */
  #text(text: string): void {
    const [first = ''] = text;
    const action = this.#message.isActive ? this.#message.actionOf(first) : undefined;
    if (action === undefined) {
      this.#message.leave();
      this.insert(text);
      return;
    }
    this.#run(this.#message.perform(action));
    const rest = text.slice(first.length);
    if (rest !== '' && !this.#application.dialogs.isOpen) this.#text(rest);
  }

  async #perform(action: ActionId): Promise<void> {
    if (isMessageAction(action)) return this.#message.isActive ? this.#message.perform(action) : undefined;
    if (action === 'up' || action === 'down') return this.#upOrDown(action);
    switch (action) {
      case 'send':
        return this.#chat.submit();
      case 'clear-or-quit':
        return this.#clearOrQuit();
      case 'room-1':
      case 'room-2':
      case 'room-3':
      case 'room-4':
      case 'room-5':
      case 'room-6':
      case 'room-7':
      case 'room-8':
      case 'room-9':
        return this.#showRoom(Number(action.slice('room-'.length)));
      case 'room-next':
      case 'room-previous':
        return this.#chat.rooms.step(action === 'room-next' ? 1 : -1);
      case 'next-unread':
        return this.#chat.nextUnread();
      case 'switch-room':
        return this.#chat.switchRoom();
      case 'page-up':
      case 'page-down':
      case 'scroll-up':
      case 'scroll-down':
      case 'jump-to-unread':
      case 'jump-to-end':
      case 'jump-to-top':
      case 'wheel-up':
      case 'wheel-down':
      case 'next-mention':
      case 'previous-mention':
        return this.#scroller.perform(action);
      case 'retry-failed':
        return this.#chat.retryFailed();
      case 'select-older':
      case 'select-newer':
        return this.#message[action === 'select-older' ? 'older' : 'newer']();
      case 'history-older':
      case 'history-newer':
      case 'recall-older':
      case 'recall-newer':
        return this.#recall(action);
      case 'edit-externally':
        return this.#editExternally();
      case 'help':
        return this.#chat.showHelp();
      case 'bare':
      case 'toggle-members':
      case 'toggle-rooms':
        return this.#changeScreen(action);
      case 'search-history':
        return this.#chat.input.beginSearch();
      case 'complete':
      case 'complete-back':
        return this.#completion.turn(action === 'complete' ? 1 : -1);
      case 'links':
        return this.#chat.listLinks();
      case 'reconnect':
        return this.#chat.reconnect();
      case 'cancel':
        return this.#chat.cancel();
      case 'redraw':
      case 'suspend':
        return;
      default:
        return this.#draft.edit(action);
    }
  }

  #recall(action: `${'history' | 'recall'}-${'older' | 'newer'}`): void {
    const where = action.startsWith('history') ? 'anywhere' : 'here';
    this.#chat.input.recall(action.endsWith('older') ? 'older' : 'newer', where);
  }

  /** What fails leaves what is typed as it was. */
  async #editExternally(): Promise<void> {
    const text = await this.#edited(this.#chat.input.text);
    this.#draft.change((editor) => insertText(edit(editor, 'clear'), text));
  }

  async #upOrDown(action: 'up' | 'down'): Promise<void> {
    if (action === 'up' && (this.#message.isActive || this.#isIdle)) return this.#message.older();
    if (action === 'down' && this.#message.isActive) return this.#message.newer();
    this.#draft.edit(action);
  }

  /** Nothing is typed, and nothing that was typed before was called back. */
  get #isIdle(): boolean {
    return this.#draft.isEmpty && this.#screen.model.active !== undefined;
  }

  async #paste(text: string, cut: boolean): Promise<void> {
    // What ends a line begins none.
    const lines = text.replace(/\n$/, '').split('\n').length;
    if (lines > PASTE_LINES_MAX || cut) {
      const about = [texts.paste_first(text.split('\n')[0] ?? ''), ...(cut ? [texts.paste_cut] : [])];
      const { dialogs } = this.#application;
      if (!(await dialogs.confirm(texts.paste(lines), about, texts.paste_yes))) return;
    }
    this.insert(text);
  }

  async #clearOrQuit(): Promise<void> {
    if (this.#chat.input.text !== '') {
      this.#draft.edit('clear');
      return;
    }
    const now = performance.now();
    if (now - this.#leaveAskedAtMs <= LEAVE_AGAIN_MS) return this.#chat.quit();
    this.#leaveAskedAtMs = now;
    this.#application.notices.say(texts.quit_again(this.#screen.model.hints.of('clear-or-quit') ?? ''));
  }

  #showRoom(number: number): void {
    const room = this.#screen.model.rooms[number - 1];
    if (room !== undefined) this.#chat.rooms.activate(room.id);
  }

  #changeScreen(action: 'bare' | 'toggle-members' | 'toggle-rooms'): void {
    const { model } = this.#screen;
    this.#screen.change(action === 'bare' ? { bare: 'text' } : { panels: toggled(model, action) });
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => this.#application.notices.refuse(error));
  }
}

function toggled(
  { panels, size }: ScreenModel,
  action: 'toggle-members' | 'toggle-rooms',
): ScreenModel['panels'] {
  if (action === 'toggle-rooms') return { ...panels, rooms: !panels.rooms };
  const shown = panels.members === 'if-wide' ? showsMembers(size.columns) : panels.members;
  return { ...panels, members: !shown };
}
