import { roomId } from '../../../src/protocol/entities.ts';
import { parseRoomId, type RoomId } from '../../../src/protocol/ids.ts';
import { foldName, parseUserName, type UserName } from '../../../src/protocol/names.ts';
import { map, text, uint } from '../../../src/protocol/shape.ts';
import { getRecord, packRecord, parseRecord, putRecord } from '../../sdk/storage/records.ts';
import { STATE_VALUE_BYTES_MAX, type StateStore } from '../../sdk/storage/state-store.ts';

/** `chat/room`: the room that was shown last. */
const lastRoomRecord = map({ room: roomId });
/** `chat/ignored.FOLDED-NAME` */
const ignoredRecord = map({ since: uint() });
/** `chat/draft.ROOM-ID`: what was typed and not sent. */
const draftRecord = map({ text: text(STATE_VALUE_BYTES_MAX / 4) });

const ignoredPrefix = 'ignored.';
const draftPrefix = 'draft.';
const DRAFT_CHARS_MAX = STATE_VALUE_BYTES_MAX / 4;

/** What the full-screen client remembers in the profile, protected like everything there. */
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

  /** Folded names. */
  async ignored(): Promise<ReadonlySet<string>> {
    const records = await this.#state.list('chat');
    return new Set(
      records.flatMap(({ key }) => {
        const name = key.startsWith(ignoredPrefix)
          ? parseUserName(key.slice(ignoredPrefix.length))
          : undefined;
        return name === undefined ? [] : [foldName(name)];
      }),
    );
  }

  /** Ignores, or does so no more; whether the name is ignored now. */
  toggleIgnored(name: UserName): Promise<boolean> {
    const value = packRecord(ignoredRecord, { since: Date.now() });
    return this.#state.update('chat', `${ignoredPrefix}${foldName(name)}`, (current) =>
      current === undefined ? { value, result: true } : { value: 'deleted', result: false },
    );
  }

  async drafts(): Promise<ReadonlyMap<RoomId, string>> {
    const drafts = new Map<RoomId, string>();
    for (const { key, value } of await this.#state.list('chat')) {
      const room = key.startsWith(draftPrefix) ? parseRoomId(key.slice(draftPrefix.length)) : undefined;
      const record = room === undefined ? undefined : parseRecord(draftRecord, value);
      if (room !== undefined && record !== undefined) drafts.set(room, record.text);
    }
    return drafts;
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
