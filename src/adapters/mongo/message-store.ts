import type { Collection } from 'mongodb';
import { clipped, gapsIn, type PositionSpan } from '../../domain/position-span.ts';
import {
  type AppendOutcome,
  type CopyLife,
  expiryAt,
  type MessageStore,
  type NewMessage,
  type PageBounds,
  type PositionRow,
} from '../../ports/message-store.ts';
import type { Schema } from '../../ports/schema.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { idBytes, type MessageId, type RoomId, type UserId } from '../../protocol/ids.ts';
import { insertEach, insertGroups } from './duplicate-key.ts';
import {
  documentSpans,
  messageDocument,
  messageOf,
  nothingRow,
  type PageRow,
  type PositionDocument,
  pageFields,
  positionRowOf,
  SPAN_POSITIONS_MAX,
  type StoredMessage,
  spanDocument,
} from './message-document.ts';
import type { MongoLink } from './mongo-link.ts';
import type { RosterLog } from './roster-log.ts';
import { SCHEMA_WITH_CHUNKS, SCHEMA_WITH_SPANS } from './schema.ts';
import { copied } from './stored-value.ts';
import { type ChunkedWraps, chunkCount, chunked, type WrapChunk, WrapChunks } from './wrap-chunks.ts';

/** Removed in one operation, within its deadline. */
const PURGE_BATCH = 200;
/** Messages that get another expiry in one operation, and documents of theirs: more than any one message has. */
const REEXPIRE_BATCH = 100;
const REEXPIRE_DOCUMENTS = 500;
/** Documents that are inserted in one step. */
const SETTLE_BATCH = 250;
/** Inserts of what is left of spans; each but the first met something that was stored since the one before. */
const SETTLE_TRIES_MAX = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

type ReexpiredRow = Pick<PositionDocument, 'seq' | 'at' | 'expiresAt' | 'chunks'>;

export class MongoMessageStore implements MessageStore {
  readonly #link: MongoLink;
  readonly #log: RosterLog;
  readonly #schema: Pick<Schema, 'inForce'>;
  readonly #positions: Collection<PositionDocument>;
  /** The same collection. */
  readonly #grouped: Collection<StoredMessage | WrapChunk>;
  readonly #chunks: WrapChunks;

  constructor(link: MongoLink, log: RosterLog, schema: Pick<Schema, 'inForce'>) {
    this.#link = link;
    this.#log = log;
    this.#schema = schema;
    this.#positions = link.db.collection('messages');
    this.#grouped = link.db.collection('messages');
    this.#chunks = new WrapChunks(link);
  }

  append(messages: readonly NewMessage[]): Promise<readonly AppendOutcome[]> {
    return this.#link.run('append', async () => {
      const inChunks = this.#schema.inForce() >= SCHEMA_WITH_CHUNKS ? messages.map(chunked) : [];
      const refused = await this.#insert(messages, inChunks);
      return Promise.all(
        messages.map(async (message, index): Promise<AppendOutcome> => {
          if (!refused.has(index)) return { kind: 'stored' };
          const table = inChunks[index]?.table;
          if (table !== undefined) await this.#chunks.remove(message, table);
          return this.#whyRefused(message);
        }),
      );
    });
  }

  /** Gives the indexes of messages that were refused. What a crash leaves of chunks is named by no message, and expires. */
  async #insert(
    messages: readonly NewMessage[],
    inChunks: readonly (ChunkedWraps | undefined)[],
  ): Promise<ReadonlySet<number>> {
    const groups = messages.map((message, index) => {
      const { table, chunks = [] } = inChunks[index] ?? {};
      return { index, chunks, document: messageDocument(message, table) };
    });
    const [plain, grouped] = [
      groups.filter(({ chunks }) => chunks.length === 0),
      groups.filter(({ chunks }) => chunks.length > 0),
    ];
    const [refusedPlain, refusedGroups] = await Promise.all([
      insertEach(
        this.#positions,
        plain.map(({ document }) => document),
      ),
      insertGroups<StoredMessage | WrapChunk>(
        this.#grouped,
        grouped.map(({ chunks, document }) => [...chunks, document]),
      ),
    ]);
    const indexes = [
      ...plain.filter((_, at) => refusedPlain.has(at)),
      ...grouped.filter((_, at) => refusedGroups.has(at)),
    ].map(({ index }) => index);
    return new Set(indexes);
  }

  find(room: RoomId, sender: UserId, messageId: MessageId): Promise<NewMessage | undefined> {
    return this.#link.run('message_find', async () => {
      const id = { room, sender, messageId };
      const living = { ...idFields(id), expiresAt: { $gt: new Date() } };
      const found = await this.#positions.findOne<StoredMessage>(living);
      if (found === null) return undefined;
      const { seq, chunks, copies = {} } = found;
      const all = chunks === undefined ? copies : await this.#chunks.copiesOf({ room, seq }, chunks);
      return all === undefined ? undefined : messageOf(found, all, id);
    });
  }

  page(room: RoomId, reader: UserId, bounds: PageBounds): Promise<readonly PositionRow[]> {
    return this.#link.run('page', async () => {
      const { after, through, order, limit } = bounds;
      // To MongoDB a limit of 0 is none.
      if (limit <= 0) return [];
      const found = await this.#positions
        .find({ room: idBytes(room), seq: { $gt: after, $lte: through } })
        .sort({ seq: order === 'ascending' ? 1 : -1 })
        .limit(limit)
        .project<PageRow>(pageFields(reader, new Date()))
        .toArray();
      const wraps = await this.#chunks.wrapsOf(
        room,
        reader,
        found.flatMap(({ seq, own }) => (own?.chunks === undefined ? [] : [{ seq, chunks: own.chunks }])),
      );
      const rows = found.map((row) => positionRowOf(row, after, wraps.get(row.seq)));
      const highest = order === 'ascending' ? found.at(-1)?.seq : found.at(0)?.seq;
      if ((order === 'ascending' && found.length === limit) || highest === through) return rows;
      const crossing = await this.#crossing(room, { from: after + 1, through });
      if (crossing === undefined) return rows;
      const row = nothingRow(crossing.from, crossing.through);
      return order === 'ascending' ? [...rows, row] : [row, ...rows].slice(0, limit);
    });
  }

  settle(room: RoomId, spans: readonly PositionSpan[], expiresAt: number): Promise<boolean> {
    return this.#link.run('settle', async () => {
      const positionsMax = this.#schema.inForce() >= SCHEMA_WITH_SPANS ? SPAN_POSITIONS_MAX : 1;
      let open = spans.flatMap((span) => documentSpans(span, positionsMax));
      let isWhole = true;
      for (let refusals = 0; open.length > 0; ) {
        const batch = open.slice(0, SETTLE_BATCH);
        const documents = batch.map((span) => spanDocument(room, span, expiresAt));
        const refused = await insertEach(this.#positions, documents);
        const left = await this.#gaps(
          room,
          batch.filter((_, index) => refused.has(index)),
        );
        if (refused.size > 0) {
          isWhole = false;
          refusals += 1;
          if (refusals === SETTLE_TRIES_MAX)
            throw new Unavailable('store', new Error('appends keep coming where a span is to be settled'));
        }
        open = [...left, ...open.slice(SETTLE_BATCH)];
      }
      return isWhole;
    });
  }

  /** What is left of spans that met messages, or other spans. */
  async #gaps(room: RoomId, spans: readonly PositionSpan[]): Promise<readonly PositionSpan[]> {
    if (spans.length === 0) return [];
    const from = Math.min(...spans.map((span) => span.from));
    const through = Math.max(...spans.map((span) => span.through));
    const held = await this.#positions
      .find({ room: idBytes(room), seq: { $gte: from, $lte: through } })
      .sort({ seq: 1 })
      .project<Pick<PageRow, 'seq' | 'from'>>({ _id: 0, seq: 1, from: 1 })
      .toArray();
    const crossing = await this.#crossing(room, { from, through });
    const rows = crossing === undefined ? held : [...held, { seq: crossing.through, from: crossing.from }];
    return spans.flatMap((span) => gapsIn(span, rows));
  }

  /** The part within these positions of a span that ends above them. */
  async #crossing(room: RoomId, { from, through }: PositionSpan): Promise<PositionSpan | undefined> {
    const above = { $gt: through, $lt: through + SPAN_POSITIONS_MAX };
    // Messages have no `from`. Gateways of an earlier layout may have stored some within a span.
    const [next] = await this.#positions
      .find({ room: idBytes(room), seq: above, from: { $lte: through } })
      .sort({ seq: 1 })
      .limit(1)
      .project<Pick<PageRow, 'seq' | 'from'>>({ _id: 0, seq: 1, from: 1 })
      .toArray();
    if (next?.from === undefined) return undefined;
    return clipped({ from: next.from, through: next.seq }, from - 1, through);
  }

  async reexpire(room: RoomId, life: CopyLife, after: number): Promise<number | undefined> {
    if (after === 0) await this.#keepChanges(room, life.lifeMs);
    return this.#link.run('reexpire', async () => {
      const found = await this.#positions
        .find({ room: idBytes(room), seq: { $gt: after } })
        .sort({ seq: 1 })
        .limit(REEXPIRE_BATCH)
        .project<ReexpiredRow>({ _id: 0, seq: 1, at: 1, expiresAt: 1, chunks: 1 })
        .toArray();
      const batch = firstOf(found, REEXPIRE_DOCUMENTS);
      const messages = batch.flatMap(({ at, ...row }) => (at === undefined ? [] : [{ ...row, at }]));
      const inChunks = messages.filter(({ chunks }) => chunks !== undefined);
      const isLonger = (row: (typeof messages)[number]) => expiryAt(row.at, life) > row.expiresAt.getTime();
      // Wherever this is cut short, no message is readable longer than its chunks are kept.
      await this.#chunks.reexpire(room, inChunks.filter(isLonger), life);
      const steps = messages.map(({ seq, at }) => ({
        updateOne: {
          filter: { room: idBytes(room), seq },
          update: { $set: { expiresAt: new Date(expiryAt(at, life)) } },
        },
      }));
      if (steps.length > 0) await this.#positions.bulkWrite(steps, { ordered: false });
      await this.#chunks.reexpire(
        room,
        inChunks.filter((row) => !isLonger(row)),
        life,
      );
      return batch.at(-1)?.seq;
    });
  }

  /** Without them nobody could tell for whom an old copy was made. */
  async #keepChanges(room: RoomId, lifeMs: number): Promise<void> {
    for (let version: number | undefined = 0; version !== undefined; ) {
      const after: number = version;
      version = await this.#link.run('reexpire', () => this.#log.keep(room, lifeMs / DAY_MS, after));
    }
  }

  async purge(room: RoomId): Promise<void> {
    // The port sets no limit to the whole; every batch has the deadline of one operation.
    while (await this.#link.run('purge', () => this.#log.removeSome(room)));
    while (await this.#link.run('purge', () => this.#chunks.removeSome(room)));
    while ((await this.#link.run('purge', () => this.#purgeBatch(idBytes(room)))) === PURGE_BATCH);
  }

  async #purgeBatch(room: Uint8Array): Promise<number> {
    const batch = await this.#positions
      .find({ room })
      .sort({ seq: 1 })
      .limit(PURGE_BATCH)
      .project<{ readonly seq: number }>({ _id: 0, room: 1, seq: 1 })
      .toArray();
    const [first, last] = [batch.at(0), batch.at(-1)];
    if (first === undefined || last === undefined) return 0;
    await this.#positions.deleteMany({ room, seq: { $gte: first.seq, $lte: last.seq } });
    return batch.length;
  }

  /**
   * Only the two unique indexes refuse: what is not there by its id met its position. One read each, since refusals are
   * rare and of different rooms.
   */
  async #whyRefused(message: NewMessage): Promise<AppendOutcome> {
    const found = await this.#positions.findOne<Pick<StoredMessage, 'seq' | 'at' | 'headerHash'>>(
      idFields(message),
      { projection: { seq: 1, at: 1, headerHash: 1 } },
    );
    if (found === null) return { kind: 'taken' };
    return { kind: 'duplicate', seq: found.seq, at: found.at, headerHash: copied(found.headerHash) };
  }
}

const idFields = ({ room, sender, messageId }: Pick<NewMessage, 'room' | 'sender' | 'messageId'>) => ({
  room: idBytes(room),
  sender: idBytes(sender),
  messageId: idBytes(messageId),
});

/** The first positions that have no more documents together. */
function firstOf(rows: readonly ReexpiredRow[], documentsMax: number): readonly ReexpiredRow[] {
  let documents = 0;
  return rows.filter(({ chunks }) => {
    documents += 1 + chunkCount(chunks);
    return documents <= documentsMax;
  });
}
