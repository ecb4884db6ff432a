import type { Application } from '../../chat/application.ts';
import type { Chat } from '../../chat/chat.ts';
import { insertText } from '../editor/edit.ts';
import type { ActionId } from '../keys/actions.ts';
import type { TypedEvent } from '../keys/key-reader.ts';
import type { ScreenModel } from '../screen-model.ts';
import type { ScreenStore } from '../screen-store.ts';
import type { RowCache } from '../view/entry-rows.ts';
import { showsMembers } from '../view/layout.ts';
import { CompletionKeys } from './completion-keys.ts';
import { DraftEditor } from './draft-editor.ts';
import { Scroller } from './scroller.ts';

/** Within this time a second Ctrl+C on an empty input leaves. */
const LEAVE_AGAIN_MS = 2_000;
/** More pasted lines than this are asked about. */
const PASTE_LINES_MAX = 5;

/** What the keyboard does while no dialog is open. */
export class ChatKeys {
  readonly #application: Application;
  readonly #chat: Chat;
  readonly #screen: ScreenStore;
  readonly #scroller: Scroller;
  readonly #draft: DraftEditor;
  readonly #completion: CompletionKeys;
  #leaveAskedAtMs = Number.NEGATIVE_INFINITY;

  constructor(application: Application, chat: Chat, screen: ScreenStore, cache: RowCache) {
    const { notices } = application;
    this.#application = application;
    this.#chat = chat;
    this.#screen = screen;
    this.#draft = new DraftEditor(chat.input, screen);
    this.#completion = new CompletionKeys(chat.completer, this.#draft, notices);
    this.#scroller = new Scroller(chat, notices, screen, cache);
  }

  take(event: TypedEvent, action: ActionId | undefined): void {
    if (this.#draft.searchKey(event, action)) return;
    if (event.type === 'text') this.#draft.change((editor) => insertText(editor, event.text));
    else if (event.type === 'paste') this.#run(this.#paste(event.text, event.cut));
    else if (action !== undefined) this.#run(this.#perform(action));
  }

  async #perform(action: ActionId): Promise<void> {
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
        return this.#chat.rooms.step(1);
      case 'room-previous':
        return this.#chat.rooms.step(-1);
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
      case 'help':
        return this.#chat.showHelp();
      case 'toggle-members':
      case 'toggle-rooms':
        return this.#togglePanel(action);
      case 'search-history':
        return this.#chat.input.beginSearch();
      case 'history-older':
        return this.#chat.input.recall('older', 'anywhere');
      case 'history-newer':
        return this.#chat.input.recall('newer', 'anywhere');
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

  async #paste(text: string, cut: boolean): Promise<void> {
    const lines = text.split('\n').length;
    if (lines > PASTE_LINES_MAX || cut) {
      const about = [
        `The first one: ${text.split('\n')[0] ?? ''}`,
        ...(cut ? ['It was longer than what can be pasted: the rest is lost.'] : []),
      ];
      if (!(await this.#application.dialogs.confirm(`Paste ${lines} lines?`, about, 'paste'))) return;
    }
    this.#draft.change((editor) => insertText(editor, text));
  }

  async #clearOrQuit(): Promise<void> {
    if (this.#chat.input.text !== '') {
      this.#draft.edit('clear');
      return;
    }
    const now = performance.now();
    if (now - this.#leaveAskedAtMs <= LEAVE_AGAIN_MS) return this.#chat.quit();
    this.#leaveAskedAtMs = now;
    this.#application.notices.say('Ctrl+C once more leaves');
  }

  #showRoom(number: number): void {
    const room = this.#screen.model.rooms[number - 1];
    if (room !== undefined) this.#chat.rooms.activate(room.id);
  }

  #togglePanel(action: 'toggle-members' | 'toggle-rooms'): void {
    this.#screen.change({ panels: toggled(this.#screen.model, action) });
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
