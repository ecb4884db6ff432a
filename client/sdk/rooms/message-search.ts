import { parseFingerprint, parseMessageId } from '../../../src/protocol/ids.ts';
import { parseContent } from '../../../src/protocol/layouts/content.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import type { SearchOptions } from '../api.ts';
import type { Clock } from '../connection/clock.ts';
import { localError } from '../errors.ts';
import type { People } from '../people/people.ts';
import type { OpenedEntry, OpenedMessages } from './opened-messages.ts';
import type { RoomBook } from './room-book.ts';
import { type RoomMessage, writtenAt } from './room-events.ts';

const RESULTS_DEFAULT = 50;
const RESULTS_MAX = 1_000;
const TEXT_CHARACTERS_MAX = 1_000;
/** Records looked through at a stretch; then others have their turn. */
const STRETCH = 256;

interface MessageSearchOptions {
  readonly opened: OpenedMessages;
  readonly book: RoomBook;
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
    const { book, clock, opened } = this.#options;
    const rooms = new Map((await book.list()).map(({ id, name }) => [id, name]));
    const only = [...rooms].find(([, name]) => name.toLowerCase() === room?.toLowerCase())?.[0];
    if (room !== undefined && only === undefined) throw localError('not_a_member', 'search_not_member');
    const entries = opened.entries(only);
    if (entries === undefined) throw localError('usage', 'nothing_kept');
    const found: RoomMessage[] = [];
    let looked = 0;
    for await (const entry of entries) {
      const name = rooms.get(entry.room);
      const content = parseContent(entry.record.content);
      if (name !== undefined && content.ok && folded(content.content.text).includes(wanted))
        found.push(await this.#message(entry, name, content.content.text));
      if (found.length >= Math.min(limit, RESULTS_MAX)) break;
      looked += 1;
      if (looked % STRETCH === 0) await new Promise<void>((resolve) => clock.schedule(0, resolve));
    }
    return found;
  }

  /** As it was opened, with the trust that its sender has now. */
  async #message({ seq, record }: OpenedEntry, room: RoomName, text: string): Promise<RoomMessage> {
    const { people } = this.#options;
    const { user, at, sentAt = at, marks, key } = record;
    const fingerprint = parseFingerprint(key);
    const id = parseMessageId(record.id);
    if (id === undefined) throw new TypeError('16 bytes are an id');
    return {
      ...{ type: 'message', room, seq, id, from: await people.nameOf(user), user, at, status: 'ok', text },
      trust: fingerprint === undefined ? 'pinned' : await people.trustOf(user, fingerprint),
      ...writtenAt(sentAt, at),
      ...(marks.length > 0 ? { marks } : {}),
    };
  }
}

/** Marks that letters of many scripts carry; those that spell (as in Indic scripts) are of their script, and stay. */
const diacritics = /(?=\p{M})\p{Script=Inherited}/gu;

/** What two texts have in common when case, diacritics and compatible forms of letters don't count. */
export function folded(text: string): string {
  // Upper case first: it makes one of ß and ss, ς and σ.
  return text.normalize('NFKD').replace(diacritics, '').toUpperCase().normalize('NFKC');
}
