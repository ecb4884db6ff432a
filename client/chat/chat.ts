import { ConclaveError } from '../sdk/errors.ts';
import { chatTexts } from '../texts/chat-texts.ts';
import {
  beginReply,
  copyMessage,
  editMessage,
  reactToMessage,
  retractMessage,
  sendTyped,
} from './commands/action-commands.ts';
import { reconnect, showHelp } from './commands/client-commands.ts';
import type { CommandContext } from './commands/command-context.ts';
import { CommandRunner } from './commands/command-runner.ts';
import { followRoomLink } from './commands/contact-commands.ts';
import { cancelTransfer } from './commands/file-commands.ts';
import { listLinks, showEarlier } from './commands/message-commands.ts';
import { type ParsedInput, parseInput } from './commands/parse-input.ts';
import { joinRoom, switchRoom } from './commands/room-commands.ts';
import { runCommand } from './commands/run-command.ts';
import { Completer } from './input/completer.ts';
import { Input } from './input/input.ts';
import type { InputHistories } from './input/input-histories.ts';
import type { Notices } from './notices.ts';
import type { OpenRooms } from './rooms/open-rooms.ts';
import { Reader } from './rooms/reader.ts';
import type { Selection } from './rooms/selection.ts';

/** What somebody can do once there is an account. What is refused rejects with ConclaveError. */
export class Chat {
  readonly rooms: OpenRooms;
  readonly reader: Reader;
  readonly input: Input;
  readonly completer: Completer;
  readonly selection: Selection;
  readonly #context: CommandContext;
  readonly #runner: CommandRunner;

  constructor(context: CommandContext, histories: InputHistories, notices: Notices) {
    const { face, rooms, store } = context;
    this.#context = context;
    this.rooms = rooms;
    this.selection = context.selection;
    this.reader = new Reader(store, rooms, notices);
    this.input = new Input(store, histories, () => {
      rooms.draftChanged();
      if (face.showsTyping && parseInput(this.input.text).type === 'message') rooms.active?.room.typing();
    });
    this.completer = new Completer(store, rooms, face.files);
    this.#runner = new CommandRunner(context);
  }

  /** Sends what is typed, or carries it out when it is a /command. */
  async submit(): Promise<void> {
    const input = parseInput(this.input.text);
    if (input.type === 'nothing') return;
    if (input.type === 'error') {
      // A password that was typed here by mistake stays nowhere.
      if (input.secret) this.input.change('');
      throw new ConclaveError('usage', input.message);
    }
    // One command goes after the other. Messages pass, unless they may be the answer to a question that is still to come.
    if (input.type === 'command' || this.#runner.mayAskPassword) {
      if (await this.#runner.idle()) return;
      // It may have been sent, or changed, meanwhile.
      if (!isSame(parseInput(this.input.text), input)) return;
    }
    const text = this.input.take();
    try {
      if (input.type === 'message') await sendTyped(this.#context, input.text);
      else await this.#runner.run(input.call, text.trim());
    } catch (error) {
      // What was refused may be mended: nothing that was typed is lost.
      if (error instanceof ConclaveError && this.input.text === '') {
        if (input.type === 'command' && error.code === 'no_connection') this.input.postpone(text);
        else this.input.change(text);
      }
      throw error;
    }
  }

  /** A /command that no one typed, such as that of a button: what is typed stays where it is. */
  async carryOut(line: string): Promise<void> {
    const input = parseInput(line);
    if (input.type !== 'command') throw new TypeError('a face carries out commands only');
    await this.#runner.idle();
    await this.#runner.run(input.call, line);
  }

  /** What goes on, a selection, an answer or edit, what is said, a transfer and what is unread go away, one after the other. */
  cancel(): void {
    const { notices, rooms, store } = this.#context;
    const running = this.#runner.cancel();
    if (running !== undefined) notices.say(chatTexts.client.stopped_waiting(running));
    else if (this.selection.message !== undefined) this.selection.clear();
    else if (this.selection.forgetIntent()) return;
    else if (store.model.notices.length > 0) store.change((model) => ({ ...model, notices: [] }));
    else if (!cancelTransfer(this.#context)) rooms.active?.markAllRead();
  }

  join(room: string): Promise<void> {
    return joinRoom(this.#context, room);
  }

  /** Asks before it joins a room that a link names. */
  followLink(room: string): Promise<void> {
    return followRoomLink(this.#context, room);
  }

  /** Shows the next room with something unread, mentions first. */
  nextUnread(): void {
    if (!this.rooms.nextUnread()) this.#context.notices.say(chatTexts.messages.no_unread);
  }

  /** Finds one of the own rooms by some letters of its name. */
  switchRoom(): Promise<void> {
    return switchRoom(this.#context);
  }

  retryFailed(): void {
    if ((this.rooms.active?.outbox.resend() ?? 0) === 0)
      this.#context.notices.say(chatTexts.messages.none_failed);
  }

  /** What is typed from now on answers the selected message. */
  reply(): void {
    beginReply(this.#context);
  }

  /** The text of the selected message comes into the input, to be changed there. */
  edit(): Promise<void> {
    return editMessage(this.#context, undefined);
  }

  /** Asks for an emoji by its name. */
  react(): Promise<void> {
    return reactToMessage(this.#context, undefined);
  }

  copy(): Promise<void> {
    return copyMessage(this.#context);
  }

  /** Asks first. */
  retract(): Promise<void> {
    return retractMessage(this.#context);
  }

  /** What the selected message said before it was edited. */
  showEarlier(): Promise<void> {
    return showEarlier(this.#context);
  }

  /** Of the owner and moderators; asks first. */
  remove(): Promise<void> {
    return runCommand(this.#context, { name: 'remove', why: undefined });
  }

  listLinks(): Promise<void> {
    return listLinks(this.#context);
  }

  showHelp(): Promise<void> {
    return showHelp(this.#context, undefined);
  }

  reconnect(): void {
    reconnect(this.#context);
  }

  /** Ends the client, after a question when something would be lost. */
  quit(): Promise<void> {
    return this.#context.quit();
  }
}

function isSame(now: ParsedInput, before: ParsedInput): boolean {
  return JSON.stringify(now) === JSON.stringify(before);
}
