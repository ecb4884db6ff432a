import { type MessageId, parseFingerprint, parseMessageId, type RoomId } from '../../../src/protocol/ids.ts';
import { type Content, parseContent } from '../../../src/protocol/layouts/content.ts';
import type { SearchOptions } from '../api.ts';
import type { Clock } from '../connection/clock.ts';
import { localError } from '../errors.ts';
import type { People } from '../people/people.ts';
import { type Trust, worseTrust } from '../people/trust-level.ts';
import type { ShownRoomName } from '../shown-room-name.ts';
import type { DirectRooms } from './direct-rooms.ts';
import { type DisappearingMessages, type Expiring, expiringContent } from './disappearing-messages.ts';
import { shownContent } from './message-content.ts';
import type { OpenedEntry, OpenedMessages } from './opened-messages.ts';
import type { RoomBook } from './room-book.ts';
import { type MessageAction, type RoomMessage, writtenAt } from './room-events.ts';
import type { Wording } from './timeline.ts';
import type { Place } from './timer-book.ts';

const RESULTS_DEFAULT = 50;
const RESULTS_MAX = 1_000;
const TEXT_CHARACTERS_MAX = 1_000;
/** Edits and retractions of one search that are remembered until their messages come up. */
const ACTIONS_MAX = 10_000;
/** Records looked through at a stretch; then others have their turn. */
const STRETCH = 256;

interface MessageSearchOptions {
  readonly opened: OpenedMessages;
  readonly disappearing: DisappearingMessages;
  readonly book: RoomBook;
  readonly directs: DirectRooms;
  readonly people: People;
  readonly clock: Clock;
}

/** Looks for text in what was opened before; the server is not asked. */
export class MessageSearch {
  readonly #options: MessageSearchOptions;

  constructor(options: MessageSearchOptions) {
    this.#options = options;
  }

  async find(
    text: string,
    { room, limit = RESULTS_DEFAULT }: SearchOptions,
  ): Promise<readonly RoomMessage[]> {
    const wanted = folded(text.trim());
    if (wanted === '' || text.length > TEXT_CHARACTERS_MAX)
      throw localError('usage', 'bad_search', { count: TEXT_CHARACTERS_MAX });
    const { book, directs, opened } = this.#options;
    const rooms = new Map<RoomId, ShownRoomName>();
    for (const record of await book.list()) rooms.set(record.id, await directs.shownName(record.id, record));
    const only = [...rooms].find(([, name]) => name.toLowerCase() === room?.toLowerCase())?.[0];
    if (room !== undefined && only === undefined) throw localError('not_a_member', 'search_not_member');
    const entries = opened.entries(only);
    if (entries === undefined) throw localError('usage', 'nothing_kept');
    const found: RoomMessage[] = [];
    const shown: Expiring[] = [];
    for await (const { entry, content, said } of this.#said(entries)) {
      const name = rooms.get(entry.room);
      if (name !== undefined && said?.text !== undefined && folded(said.text).includes(wanted)) {
        found.push(await this.#message(entry, name, said));
        const parts = [{ entry, content }, ...(said.edit === undefined ? [] : [said.edit])];
        shown.push(...parts.flatMap((part) => expiringContent(placeOf(part.entry), part.content) ?? []));
      }
      if (found.length >= Math.min(limit, RESULTS_MAX)) break;
    }
    await this.#options.disappearing.shown(shown);
    return found;
  }

  /**
   * The newest messages of a room that were opened before, oldest first, with the last text of each, and what people reacted to
   * them. What somebody removed is left out: who may do that is for the roster to say, which is not asked here.
   */
  async newest(room: RoomId, limit: number): Promise<readonly RoomMessage[]> {
    const { book, directs, opened } = this.#options;
    const [record, entries] = [await book.record(room), opened.entries(room)];
    if (record === undefined || entries === undefined) return [];
    const name = await directs.shownName(room, record);
    const found: RoomMessage[] = [];
    // They come up before what they react to.
    const reactions: MessageAction[] = [];
    for await (const { entry, content, said, isRemoved } of this.#said(entries)) {
      if (said !== undefined && !isRemoved) found.push(await this.#message(entry, name, said));
      else if (content.type === 'react' && reactions.length < ACTIONS_MAX)
        reactions.push(await this.#reaction(entry, name, content));
      if (found.length >= Math.min(limit, RESULTS_MAX)) break;
    }
    const shown = new Set(found.map((message) => message.type === 'message' && message.id));
    return [...found, ...reactions.filter(({ of }) => shown.has(of))].sort((a, b) => a.seq - b.seq);
  }

  /** What each record says, or undefined for one that says nothing by itself. */
  async *#said(entries: AsyncIterable<OpenedEntry>): AsyncGenerator<SaidEntry> {
    const later = new LaterActions();
    let looked = 0;
    for await (const entry of entries) {
      const content = await this.#present(entry);
      if (content !== undefined)
        yield { entry, content, said: later.saidBy({ entry, content }), isRemoved: later.isRemoved(entry) };
      looked += 1;
      if (looked % STRETCH === 0)
        await new Promise<void>((resolve) => this.#options.clock.schedule(0, resolve));
    }
  }

  /** What was kept of a message that is over may still say what it said. */
  async #present(entry: OpenedEntry): Promise<Content | undefined> {
    const parsed = parseContent(entry.record.content);
    if (!parsed.ok) return undefined;
    const { content } = parsed;
    return (await this.#options.disappearing.restOf(placeOf(entry), content, { reread: true })) ?? content;
  }

  /** As it was opened, with the trust that its sender has now; where an edit gave it its text, the worse one of both. */
  async #message(
    { seq, record }: OpenedEntry,
    room: ShownRoomName,
    { edit, ...said }: Said,
  ): Promise<RoomMessage> {
    const sent = await this.#sent({ seq, record }, room);
    const marks = [...new Set([...(sent.marks ?? []), ...(edit?.entry.record.marks ?? [])])];
    return {
      ...{ type: 'message', status: 'ok' },
      ...sent,
      ...said,
      trust: edit === undefined ? sent.trust : worseTrust(sent.trust, await this.#trustOf(edit.entry.record)),
      ...(marks.length > 0 ? { marks } : {}),
    };
  }

  async #reaction(
    entry: Pick<OpenedEntry, 'seq' | 'record'>,
    room: ShownRoomName,
    { add, emoji, of }: Extract<Content, { readonly type: 'react' }>,
  ): Promise<MessageAction> {
    return { ...(await this.#sent(entry, room)), type: 'react', of, emoji, add };
  }

  /** What there is to say of everything that somebody sent. */
  async #sent({ seq, record }: Pick<OpenedEntry, 'seq' | 'record'>, room: ShownRoomName) {
    const { marks, user, at, sentAt = at } = record;
    return {
      ...{ room, seq, id: idOf(record), from: await this.#options.people.nameOf(user), user, at },
      trust: await this.#trustOf(record),
      ...writtenAt(sentAt, at),
      ...(marks.length > 0 ? { marks } : {}),
    };
  }

  async #trustOf({ user, key }: OpenedEntry['record']): Promise<Trust> {
    const fingerprint = parseFingerprint(key);
    return fingerprint === undefined ? 'pinned' : this.#options.people.trustOf(user, fingerprint);
  }
}

/** What a record says, and the edit from which it has that. */
interface Said extends Wording {
  readonly edit?: ReadEntry;
}

interface ReadEntry {
  readonly entry: OpenedEntry;
  readonly content: Content;
}

interface SaidEntry extends ReadEntry {
  readonly said: Said | undefined;
  readonly isRemoved: boolean;
}

/** What was done to messages, as a search from the newest to the oldest meets it: before the messages themselves. */
class LaterActions {
  /** By room, sender and message. Undefined: it was taken back. */
  readonly #said = new Map<string, Said | undefined>();
  /** By room and message. */
  readonly #removed = new Set<string>();

  /** What a record says after all that was done to it; undefined for one that says nothing by itself. */
  saidBy(read: ReadEntry): Said | undefined {
    const { room, record } = read.entry;
    const shown = shownContent(read.content);
    const key = (of: unknown): string => `${room}:${record.user}:${parseMessageId(of)}`;
    switch (shown.type) {
      case 'message': {
        const { type: _type, status: _status, reason: _reason, disappeared = false, ...said } = shown;
        if (disappeared) return undefined;
        return this.#said.has(key(record.id)) ? this.#said.get(key(record.id)) : said;
      }
      case 'edit': {
        const { type: _type, of, disappeared = false, ...said } = shown;
        if (!this.#said.has(key(of))) this.#note(key(of), disappeared ? undefined : { ...said, edit: read });
        return undefined;
      }
      case 'retract':
        this.#note(key(shown.of), undefined);
        return undefined;
      case 'remove':
        if (this.#removed.size < ACTIONS_MAX) this.#removed.add(`${room}:${shown.of}`);
        return undefined;
      case 'react':
        return undefined;
      default:
        return shown satisfies never;
    }
  }

  /** By whomever: whether they might do that is for the roster to say. */
  isRemoved({ room, record }: OpenedEntry): boolean {
    return this.#removed.has(`${room}:${parseMessageId(record.id)}`);
  }

  #note(key: string, said: Said | undefined): void {
    this.#said.set(key, said);
    const [oldest] = this.#said.keys();
    if (this.#said.size > ACTIONS_MAX && oldest !== undefined) this.#said.delete(oldest);
  }
}

function placeOf({ room, seq, record }: OpenedEntry): Place {
  return { room, seq, user: record.user, id: idOf(record) };
}

function idOf({ id }: OpenedEntry['record']): MessageId {
  const parsed = parseMessageId(id);
  if (parsed === undefined) throw new TypeError('16 bytes are an id');
  return parsed;
}

/** Marks that letters of many scripts carry; those that spell (as in Indic scripts) are of their script, and stay. */
const diacritics = /(?=\p{M})\p{Script=Inherited}/gu;

/** What two texts have in common when case, diacritics and compatible forms of letters don't count. */
export function folded(text: string): string {
  // Upper case first: it makes one of ß and ss, ς and σ.
  return text.normalize('NFKD').replace(diacritics, '').toUpperCase().normalize('NFKC');
}
