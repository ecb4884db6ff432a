import type { MessageId, UserId } from '../../../src/protocol/ids.ts';
import type { SentContent, SharedFile } from '../../../src/protocol/layouts/content.ts';
import { ConclaveError, hasCode, localError } from '../errors.ts';
import type { UploadParts } from '../files/upload.ts';
import { type DisappearingMessages, expiringOf } from './disappearing-messages.ts';
import { editContent, reactContent, removeContent, retractContent, textContent } from './message-content.ts';
import type { HistoryPage, Member, QueueOptions, Room, SendOptions, Sent } from './room.ts';
import { roomKeysOf } from './room-book.ts';
import type { RoomChange, RoomMessage } from './room-events.ts';
import type { RoomReader } from './room-reader.ts';
import { RoomRule, type RoomRuleOptions } from './room-rule.ts';
import type { RoomSender } from './room-sender.ts';
import type { CarriedFiles } from './timeline.ts';

/** Few messages carry files. */
const uploads = () => import('../files/upload.ts');
const downloads = () => import('../files/download.ts');

interface RoomHandleOptions extends RoomRuleOptions {
  readonly reader: RoomReader;
  readonly sender: RoomSender;
  readonly uploads: UploadParts;
  readonly disappearing: DisappearingMessages;
}

/** One room that a client has entered, as its callers see it. */
export class RoomHandle extends RoomRule implements Room {
  readonly #options: RoomHandleOptions;

  constructor(options: RoomHandleOptions) {
    super(options);
    this.#options = options;
  }

  get fileBytesMax(): number | undefined {
    return this.#options.link.greeting?.limits.fileBytes;
  }

  members(): Promise<readonly Member[]> {
    const { roster, timeoutMs } = this.#options;
    return roster.list(timeoutMs);
  }

  follow({ after, live = true }: Parameters<Room['follow']>[0]): AsyncIterableIterator<RoomMessage> {
    const { reader, room } = this.#options;
    const { head, joined } = this;
    const from = after === 'now' ? head : after === 'joined' ? joined : Math.max(after, joined);
    return room.follow(reader, { after: from, ...(live ? {} : { until: head }) });
  }

  history(page: Parameters<Room['history']>[0]): Promise<HistoryPage> {
    const { reader, timeoutMs } = this.#options;
    return reader.page(page, timeoutMs);
  }

  changes(): AsyncIterableIterator<RoomChange> {
    return this.#options.room.changes();
  }

  async send(text: string, options: SendOptions = {}): Promise<Sent> {
    return this.#send(textContent(text, options), { ...options, takesLife: options.expires === undefined });
  }

  async edit(of: MessageId, text: string, options: SendOptions = {}): Promise<Sent> {
    return this.#send(editContent(of, text, options), options);
  }

  async retract(of: MessageId, { carried, ...options }: Parameters<Room['retract']>[1] = {}): Promise<Sent> {
    const sent = await this.#send(retractContent(of), options);
    await this.#discardCarried(carried);
    return sent;
  }

  async upload(...[source, options = {}]: Parameters<Room['upload']>): Promise<SharedFile> {
    const { Upload } = await uploads();
    return new Upload(this.#options.uploads, this.id, source, options).run();
  }

  async download(...[file, sink, options = {}]: Parameters<Room['download']>): Promise<void> {
    const { downloadFile } = await downloads();
    await downloadFile(this.#options.uploads, this.id, file, sink, options);
  }

  discard(file: SharedFile, uploader = this.#options.account.user): Promise<void> {
    return this.#discard(file, uploader, this.#options.timeoutMs);
  }

  /** As patient as the message that was sent before: nobody could ask for it again. */
  async #discardCarried(carried: CarriedFiles | undefined): Promise<void> {
    if (carried === undefined) return;
    try {
      for (const file of carried.files) await this.#discard(file, carried.sender, undefined);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      throw localError(error.code, 'files_left', { reason: error.message }, error);
    }
  }

  async #discard({ file }: SharedFile, uploader: UserId, timeoutMs: number | undefined): Promise<void> {
    try {
      await this.#options.link.request('discard', { room: this.id, file, uploader }, { timeoutMs });
    } catch (error) {
      if (!hasCode(error, 'no_such_file')) throw error;
    }
  }

  async react(
    of: MessageId,
    emoji: string,
    { add = true, ...options }: Parameters<Room['react']>[2] = {},
  ): Promise<Sent> {
    return this.#send(reactContent(of, emoji, add), options);
  }

  async remove(
    of: MessageId,
    why?: string,
    { carried, ...options }: Parameters<Room['remove']>[2] = {},
  ): Promise<Sent> {
    if (this.role === 'member') throw localError('forbidden', 'no_moderator', { room: this.name });
    const sent = await this.#send(removeContent(of, why), options);
    await this.#discardCarried(carried);
    return sent;
  }

  #send(content: SentContent, options: QueueOptions & { readonly takesLife?: boolean }): Promise<Sent> {
    const { room, sender } = this.#options;
    const { aborted, reason } = room.ended;
    if (!aborted) return sender.send(content, options);
    const isTold = reason instanceof ConclaveError;
    return Promise.reject(isTold ? reason : localError('closed', 'room_closed'));
  }

  typing(): void {
    this.#options.room.typing();
  }

  /** The server says by its answer to `join` whether the password is right; what is stored has the last word. */
  async unlock(password: string): Promise<void> {
    const { book, link, reader, room, state, timeoutMs } = this.#options;
    const { id } = this;
    const { name } = state.info;
    const setting = await link.request('lookup', { name }, { timeoutMs });
    if (setting.password === 0) return;
    const keys = await roomKeysOf(password, setting.salt);
    try {
      await link.request('join', { name, proof: keys.proof }, { timeoutMs });
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'already_a_member') throw error;
    }
    if (!(await reader.mayBeSecret(keys.secret, setting.password, timeoutMs)))
      throw localError('no_such_room_or_password', 'wrong_room_password', { room: name });
    await book.putSecret(id, setting.password, keys.secret);
    await room.checkSecret();
  }

  shown(messages: readonly RoomMessage[]): Promise<void> {
    return this.#options.disappearing.shown(messages.flatMap((message) => expiringOf(this.id, message)));
  }

  markRead(seq: number): Promise<void> {
    return this.#options.book.markRead(this.id, seq);
  }

  readPosition(): Promise<number> {
    return this.#options.book.readPosition(this.id);
  }

  close(): void {
    this.#options.room.close();
  }
}
