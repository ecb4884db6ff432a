import { roomId } from '../../src/protocol/entities.ts';
import { parseRoomId, type RoomId } from '../../src/protocol/ids.ts';
import { EXPIRES_MAX, EXPIRES_MIN } from '../../src/protocol/limits.ts';
import { foldName, parseUserName } from '../../src/protocol/names.ts';
import { list, type MapShape, map, oneOf, text, uint, uintFrom } from '../../src/protocol/shape.ts';
import type { EarlierSettings } from '../sdk/state/user-settings.ts';
import { deleteRecord, getRecord, packRecord, parseRecord, putRecord } from '../sdk/storage/records.ts';
import { STATE_VALUE_BYTES_MAX, type StateStore } from '../sdk/storage/state-store.ts';

/** `chat/room`: the room that was shown last. */
const lastRoomRecord = map({ room: roomId });
/** `chat/draft.ROOM-ID`: what was typed and not sent. */
const draftRecord = map({ text: text(STATE_VALUE_BYTES_MAX / 4) });

/** `chat/disappear.ROOM-ID`: how many seconds after it was shown disappears what is written there. */
const disappearRecord = map({ seconds: uintFrom(EXPIRES_MIN, EXPIRES_MAX) });

/** `chat/notify.ROOM-ID` and `chat/ignored.FOLDED-NAME`: where earlier releases kept settings. */
const notifyRecord = map({ level: oneOf('all', 'mentions', 'none') });
/** What is remembered of the input of one room. */
const HISTORY_KEPT_MAX = 200;
const HISTORY_KEPT_CHARS = STATE_VALUE_BYTES_MAX / 8;
/** `chat/history.ROOM-ID`: what was written there, oldest first. */
const historyRecord = map({
  entries: list(map({ at: uint(), text: text(STATE_VALUE_BYTES_MAX / 4) }), HISTORY_KEPT_MAX),
});

const notifyPrefix = 'notify.';
const historyPrefix = 'history.';
const ignoredPrefix = 'ignored.';
const draftPrefix = 'draft.';
const disappearPrefix = 'disappear.';
const DRAFT_CHARS_MAX = STATE_VALUE_BYTES_MAX / 4;

/** A text that was sent or carried out, and when, in milliseconds since 1970 UTC. */
export interface Written {
  readonly at: number;
  readonly text: string;
}

/** What the chat remembers in the profile, protected like everything there. */
export class ChatMemory {
  readonly #state: StateStore;

  constructor(state: StateStore) {
    this.#state = state;
  }

  async lastRoom(): Promise<RoomId | undefined> {
    return (await getRecord(this.#state, 'chat', 'room', lastRoomRecord))?.room;
  }

  putLastRoom(room: RoomId): Promise<void> {
    return putRecord(this.#state, 'chat', 'room', lastRoomRecord, { room });
  }

  /** Settings of a profile that an earlier release wrote. */
  async earlier(): Promise<EarlierSettings> {
    const ignored = (await this.#state.list('chat', ignoredPrefix)).flatMap(({ key }) => {
      const name = parseUserName(key.slice(ignoredPrefix.length));
      return name === undefined ? [] : [foldName(name)];
    });
    const levels = await this.#ofRooms(notifyPrefix, notifyRecord);
    return {
      ignored: new Set(ignored),
      levels: new Map([...levels].map(([room, { level }]) => [room, level])),
    };
  }

  /** They were taken over. */
  async forgetEarlier(): Promise<void> {
    for (const prefix of [ignoredPrefix, notifyPrefix])
      for (const { key } of await this.#state.list('chat', prefix))
        await deleteRecord(this.#state, 'chat', key);
  }

  async drafts(): Promise<ReadonlyMap<RoomId, string>> {
    const drafts = await this.#ofRooms(draftPrefix, draftRecord);
    return new Map([...drafts].map(([room, record]) => [room, record.text]));
  }

  async disappearing(): Promise<ReadonlyMap<RoomId, number>> {
    const records = await this.#ofRooms(disappearPrefix, disappearRecord);
    return new Map([...records].map(([room, { seconds }]) => [room, seconds]));
  }

  /** Undefined: what is written there stays. */
  putDisappearing(room: RoomId, seconds: number | undefined): Promise<void> {
    const value = seconds === undefined ? ('deleted' as const) : packRecord(disappearRecord, { seconds });
    return this.#state.update('chat', `${disappearPrefix}${room}`, () => ({ value, result: undefined }));
  }

  async histories(): Promise<ReadonlyMap<RoomId, readonly Written[]>> {
    const histories = await this.#ofRooms(historyPrefix, historyRecord);
    return new Map([...histories].map(([room, record]) => [room, record.entries]));
  }

  /** As many of the newest as fit into a record. */
  putHistory(room: RoomId, written: readonly Written[]): Promise<void> {
    let chars = 0;
    const kept = written.slice(-HISTORY_KEPT_MAX).toReversed();
    const end = kept.findIndex((entry) => {
      chars += entry.text.length;
      return chars > HISTORY_KEPT_CHARS;
    });
    const entries = kept.slice(0, end < 0 ? kept.length : end).toReversed();
    return putRecord(this.#state, 'chat', `${historyPrefix}${room}`, historyRecord, { entries });
  }

  /** What was typed and written in a room that is left goes with it. */
  async forgetRoom(room: RoomId): Promise<void> {
    for (const prefix of [disappearPrefix, draftPrefix, historyPrefix])
      await deleteRecord(this.#state, 'chat', `${prefix}${room}`);
  }

  async #ofRooms<T>(prefix: string, shape: MapShape<T>): Promise<ReadonlyMap<RoomId, T>> {
    const found = new Map<RoomId, T>();
    for (const { key, value } of await this.#state.list('chat', prefix)) {
      const room = parseRoomId(key.slice(prefix.length));
      const record = room === undefined ? undefined : parseRecord(shape, value);
      if (room !== undefined && record !== undefined) found.set(room, record);
    }
    return found;
  }

  /** An empty one is forgotten; one that is too long for a record is kept as far as it fits. */
  putDraft(room: RoomId, draft: string): Promise<void> {
    const value =
      draft === ''
        ? ('deleted' as const)
        : packRecord(draftRecord, { text: draft.slice(0, DRAFT_CHARS_MAX) });
    return this.#state.update('chat', `${draftPrefix}${room}`, () => ({ value, result: undefined }));
  }
}
