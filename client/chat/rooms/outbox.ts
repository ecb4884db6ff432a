import type { MessageId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import type { TransferOptions } from '../../sdk/files/file-source.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import type { ChosenFile } from '../files/face-files.ts';
import { stateOf, type Transfers, whenChanged } from '../files/transfers.ts';
import type { Answered, Echo } from '../model/entry.ts';
import { roomOf } from '../model/model.ts';
import { echoChanged, echoDropped, echoed } from '../model/room-changes.ts';
import { lifeIn } from '../model/room-model.ts';
import type { EchoChange } from '../model/timeline.ts';
import type { Store } from '../store.ts';

interface Outgoing {
  readonly text: string;
  /** The message that this one answers. */
  readonly answers: Answered | undefined;
  /** Seconds after it was shown that it disappears. */
  readonly expires: number | undefined;
  readonly file?: ChosenFile;
  /** The file once the server has it. */
  readonly shared?: SharedFile;
}

export interface OutboxOptions {
  readonly room: Room;
  /** Who sends here. */
  readonly user: UserName;
  readonly store: Store;
  readonly transfers: Transfers;
  /** Something of one's own is about to stand at the end. */
  sending(): void;
  sent(): void;
}

let echoKeys = 0;

/** Messages of one's own until they come back as messages of the room. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** What can be sent again when it fails, by the key of its echo. */
  readonly #outgoing = new Map<number, Outgoing>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** `answers`: the message that this one answers. */
  send(text: string, answers?: Answered): void {
    this.#send({ text, answers, expires: this.#expires });
  }

  /** A message with a file, which is uploaded first. Throws ConclaveError when too many are under way. */
  sendFile(file: ChosenFile, text: string, answers?: Answered): void {
    this.#send({ text, answers, file, expires: this.#expires });
  }

  /** Sends what failed once more; how many. */
  resend(): number {
    const failed = this.#failed();
    for (const { key } of failed) {
      const outgoing = this.#outgoing.get(key);
      if (outgoing !== undefined) this.#send(outgoing);
      this.#drop(key);
    }
    return failed.length;
  }

  /** Takes what failed away. */
  dropFailed(): void {
    for (const { key } of this.#failed()) this.#drop(key);
  }

  /** Of what is written now; undefined: as the room says when it is sent. */
  get #expires(): number | undefined {
    const room = roomOf(this.#options.store.model, this.#options.room.id);
    return room?.disappear === undefined ? undefined : lifeIn(room);
  }

  #send(outgoing: Outgoing): void {
    const { room, sending, sent, store, transfers, user } = this.#options;
    const { answers, file, shared, text } = outgoing;
    echoKeys += 1;
    const key = echoKeys;
    const isThere = file === undefined || shared !== undefined;
    if (!isThere)
      transfers.begin(room.id, file.name, async (signal) => {
        // The echo stands first.
        await Promise.resolve();
        await this.#upload(key, { ...outgoing, file }, signal);
      });
    this.#outgoing.set(key, outgoing);
    const files = file === undefined ? {} : { files: [{ ...shownOf(file), state: undefined }] };
    const facts = { key, id: undefined, from: user, text, answers, ...files, at: Date.now() };
    const echo: Echo = { ...facts, state: 'pending', reason: undefined };
    sending();
    store.change((model) => echoed(model, room.id, echo));
    sent();
    if (isThere) this.#sendNow(key, outgoing);
  }

  #sendNow(key: number, { text, answers, expires, shared }: Outgoing): void {
    const options = {
      ...(answers === undefined ? {} : { re: answers.id }),
      ...(shared === undefined ? {} : { files: [shared] }),
      ...(expires === undefined ? {} : { expires }),
      onQueued: (id: MessageId) => this.#change(key, { id }),
    };
    this.#options.room.send(text, options).then(
      () => {
        this.#outgoing.delete(key);
        this.#change(key, { state: 'sent' });
      },
      (error: unknown) => this.#failedBy(key, error),
    );
  }

  async #upload(
    key: number,
    outgoing: Outgoing & { readonly file: ChosenFile },
    signal: AbortSignal,
  ): Promise<void> {
    const { file } = outgoing;
    const show = whenChanged((state) => this.#change(key, { files: [{ ...shownOf(file), state }] }));
    try {
      const shared = await this.#uploaded(file, { signal, onProgress: (now) => show(stateOf(now)) });
      show(undefined);
      const whole = { ...outgoing, shared };
      this.#outgoing.set(key, whole);
      this.#sendNow(key, whole);
    } catch (error) {
      if (signal.aborted) this.#drop(key);
      else {
        show(undefined);
        this.#failedBy(key, error);
      }
    }
  }

  async #uploaded(file: ChosenFile, options: TransferOptions): Promise<SharedFile> {
    const source = await file.open();
    try {
      return await this.#options.room.upload(source, { ...options, isPatient: true });
    } finally {
      await source.close();
    }
  }

  #failedBy(key: number, error: unknown): void {
    const reason = error instanceof Error ? error.message : chatTexts.messages.failed_unknown;
    this.#change(key, { state: 'failed', reason });
  }

  #drop(key: number): void {
    const { room, store } = this.#options;
    this.#outgoing.delete(key);
    store.change((model) => echoDropped(model, room.id, key));
  }

  #change(key: number, change: EchoChange): void {
    const { room, store } = this.#options;
    store.change((model) => echoChanged(model, room.id, key, change));
  }

  #failed(): readonly Echo[] {
    const { room, store } = this.#options;
    const echoes = roomOf(store.model, room.id)?.timeline.echoes ?? [];
    return echoes.filter(({ state }) => state === 'failed');
  }
}

function shownOf({ name, type, size }: ChosenFile): Pick<SharedFile, 'name' | 'type' | 'size'> {
  return { name, type, size };
}
