import { ConclaveError } from '../../sdk/errors.ts';
import { type ParsedInput, parseInput } from '../commands/parse-input.ts';
import { insertText } from '../editor/edit.ts';
import type { ActionId } from '../keys/actions.ts';
import type { TypedEvent } from '../keys/key-reader.ts';
import type { Model } from '../model/model.ts';
import { showsMembers } from '../view/layout.ts';
import type { RowCache } from '../view/row-cache.ts';
import { type ChatContext, shownRoom } from './chat-context.ts';
import { CommandRunner } from './command-runner.ts';
import { reconnect } from './commands.ts';
import { Completer } from './completer.ts';
import { Draft } from './draft.ts';
import { showHelp } from './help.ts';
import { listLinks } from './links-command.ts';
import { switchRoom } from './room-commands.ts';
import { Scroller } from './scroller.ts';

/** Within this time a second Ctrl+C on an empty input leaves. */
const LEAVE_AGAIN_MS = 2_000;
/** More pasted lines than this are asked about. */
const PASTE_LINES_MAX = 5;

/** What the keyboard does while no dialog is open. */
export class Chat {
  readonly #context: ChatContext;
  readonly #scroller: Scroller;
  readonly #draft: Draft;
  readonly #completer: Completer;
  readonly #runner: CommandRunner;
  #leaveAskedAtMs = Number.NEGATIVE_INFINITY;

  constructor(context: ChatContext, cache: RowCache) {
    this.#context = context;
    this.#draft = new Draft(context.store, context.histories, () => context.rooms.draftChanged());
    this.#completer = new Completer(context, this.#draft);
    this.#scroller = new Scroller(context, cache);
    this.#runner = new CommandRunner(context);
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
        return this.#submit();
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
      case 'next-unread':
      case 'switch-room':
        return this.#changeRoom(action);
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
        return this.#retry();
      case 'help':
        return showHelp(this.#context, undefined);
      case 'toggle-members':
      case 'toggle-rooms':
        return this.#togglePanel(action);
      case 'search-history':
        return this.#draft.beginSearch();
      case 'history-older':
        return this.#draft.recall('older');
      case 'history-newer':
        return this.#draft.recall('newer');
      case 'complete':
      case 'complete-back':
        return this.#completer.turn(action === 'complete' ? 1 : -1);
      case 'links':
        return listLinks(this.#context);
      case 'reconnect':
        return reconnect(this.#context);
      case 'cancel':
        return this.#cancel();
      case 'redraw':
      case 'suspend':
        return;
      default:
        return this.#draft.edit(action);
    }
  }

  async #submit(): Promise<void> {
    const input = parseInput(this.#draft.text);
    if (input.type === 'nothing') return;
    if (input.type === 'error') {
      // A password that was typed here by mistake stays nowhere.
      if (input.secret) this.#draft.forget();
      this.#context.report(new ConclaveError('usage', input.message));
      return;
    }
    // One command goes after the other. Messages pass, unless they may be the answer to a question that is still to come.
    if (input.type === 'command' || this.#runner.mayAskPassword) {
      if (await this.#runner.idle()) return;
      // It may have been sent, or changed, meanwhile.
      if (!isSame(parseInput(this.#draft.text), input)) return;
    }
    const text = this.#draft.take();
    try {
      if (input.type === 'message') shownRoom(this.#context).send(input.text);
      else await this.#runner.run(input.call, text.trim());
    } catch (error) {
      // What was refused may be mended: nothing that was typed is lost.
      if (error instanceof ConclaveError && this.#draft.text === '') this.#draft.replace(text);
      throw error;
    }
  }

  /** What goes on, what is said and what is unread go away, one after the other. */
  #cancel(): void {
    const { rooms, say, store } = this.#context;
    const running = this.#runner.cancel();
    if (running !== undefined) say(`Stopped waiting for ${running}. The server may still carry it out.`);
    else if (store.model.notices.length > 0) store.change((model) => ({ ...model, notices: [] }));
    else rooms.active?.markAllRead();
  }

  async #paste(text: string, cut: boolean): Promise<void> {
    const lines = text.split('\n').length;
    if (lines > PASTE_LINES_MAX || cut) {
      const about = [
        `The first one: ${text.split('\n')[0] ?? ''}`,
        ...(cut ? ['It was longer than what can be pasted: the rest is lost.'] : []),
      ];
      if (!(await this.#context.dialogs.confirm(`Paste ${lines} lines?`, about, 'paste'))) return;
    }
    this.#draft.change((editor) => insertText(editor, text));
  }

  async #clearOrQuit(): Promise<void> {
    const { quit, say } = this.#context;
    if (this.#draft.text !== '') {
      this.#draft.edit('clear');
      return;
    }
    const now = performance.now();
    if (now - this.#leaveAskedAtMs <= LEAVE_AGAIN_MS) return quit();
    this.#leaveAskedAtMs = now;
    say('Ctrl+C once more leaves');
  }

  #showRoom(number: number): void {
    const { rooms, store } = this.#context;
    const room = store.model.rooms[number - 1];
    if (room !== undefined) rooms.activate(room.id);
  }

  async #changeRoom(action: 'room-next' | 'room-previous' | 'next-unread' | 'switch-room'): Promise<void> {
    const { rooms, say } = this.#context;
    if (action === 'room-next') rooms.step(1);
    else if (action === 'room-previous') rooms.step(-1);
    else if (action === 'switch-room') await switchRoom(this.#context);
    else if (!rooms.nextUnread()) say('nothing is unread');
  }

  #retry(): void {
    const { rooms, say } = this.#context;
    const count = rooms.active?.resend() ?? 0;
    if (count === 0) say('nothing here has failed');
  }

  #togglePanel(action: 'toggle-members' | 'toggle-rooms'): void {
    this.#context.store.change((model) => ({ ...model, panels: toggled(model, action) }));
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => this.#context.report(error));
  }
}

function isSame(now: ParsedInput, before: ParsedInput): boolean {
  return JSON.stringify(now) === JSON.stringify(before);
}

function toggled({ panels, size }: Model, action: 'toggle-members' | 'toggle-rooms'): Model['panels'] {
  if (action === 'toggle-rooms') return { ...panels, rooms: !panels.rooms };
  const shown = panels.members === 'if-wide' ? showsMembers(size.columns) : panels.members;
  return { ...panels, members: !shown };
}
