import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseName } from '../../src/adapters/mongo/database-name.ts';
import { CHUNK_WRAPS_MAX, chunked, type WrapChunk } from '../../src/adapters/mongo/wrap-chunks.ts';
import type { MessageStore } from '../../src/ports/message-store.ts';
import { idBytes, type RoomId, type UserId } from '../../src/protocol/ids.ts';
import { anyMessage, anyRoomId, anyUserId, dayMs, given, type StorePair } from './support-store.ts';
import { everything, ownRow } from './support-store-messages.ts';
import { openMongoPair, withMongo } from './support-store-mongo.ts';

describe('in a MongoDB database with schema 3', () => {
  const mongo = withMongo();
  let stores: StorePair & { readonly url: string };
  let messages: MessageStore;
  let client: MongoClient;
  const collection = <Stored extends object>(name: string) =>
    client.db(databaseName(stores.url)).collection<Stored>(name);
  const people = (count: number): readonly UserId[] => Array.from({ length: count }, anyUserId).sort();
  beforeAll(async () => {
    stores = await openMongoPair(mongo.url);
    ({ messages } = stores.a);
    client = new MongoClient(stores.url, { promoteBuffers: true });
  });
  afterAll(async () => {
    await client.close();
    await stores[Symbol.asyncDispose]();
  });

  async function chunksOf(room: RoomId): Promise<readonly WrapChunk[]> {
    const id = Buffer.from(idBytes(room));
    const stored = await collection<WrapChunk>('messages').find().toArray();
    return stored.filter(({ room: key }) => key.length > id.length && id.equals(key.subarray(0, id.length)));
  }

  it.each([200, 1_000])(
    'a page needs one chunk of each message to %i members, and nothing else',
    async (count) => {
      const [room, to] = [anyRoomId(), people(count)];
      const reader = given(to[count - 70]);
      const stored = [1, 2, 3].map((seq) => anyMessage({ room, seq, to }));
      await messages.append(stored);
      const wraps = collection<WrapChunk>('messages');
      const chunks = await chunksOf(room);
      expect(chunks).toHaveLength(3 * Math.ceil(count / CHUNK_WRAPS_MAX));
      const own = chunks.filter(({ copies }) => copies[reader] !== undefined);
      expect(own).toHaveLength(3);
      const others = chunks.filter((chunk) => !own.includes(chunk));
      await wraps.deleteMany({ _id: { $in: others.map(({ _id }) => _id) } });
      const rows = await messages.page(room, reader, everything);
      expect(rows).toEqual(stored.map((each) => ownRow(each, reader)));
      const documents = await collection('messages')
        .find({ room: idBytes(room) })
        .toArray();
      const read = [...own, ...documents].reduce((sum, each) => sum + BSON.calculateObjectSize(each), 0);
      // Wraps of one chunk at 295 bytes, and the message: docs/operations.md.
      expect(read / 3).toBeLessThan(295 * CHUNK_WRAPS_MAX + 2_100);
    },
  );

  it('a message to few is one document, and a chunk goes when its message does', async () => {
    const [few, many] = [anyRoomId(), anyRoomId()];
    await messages.append([anyMessage({ room: few, to: people(CHUNK_WRAPS_MAX) })]);
    expect(await chunksOf(few)).toEqual([]);
    const message = anyMessage({ room: many, to: people(CHUNK_WRAPS_MAX + 1) });
    await messages.append([message]);
    const expiries = (await chunksOf(many)).map(({ expiresAt }) => expiresAt.getTime());
    expect(expiries).toEqual([message.expiresAt, message.expiresAt]);
    await messages.reexpire(many, { lifeMs: 2 * dayMs, goneThrough: 0 }, 0);
    for (const { expiresAt } of await chunksOf(many))
      expect(expiresAt.getTime()).toBe(message.at + 2 * dayMs);
  });

  it('a message that was refused leaves no chunks', async () => {
    const [room, to] = [anyRoomId(), people(100)];
    const first = anyMessage({ room, to });
    await messages.append([first]);
    const before = await chunksOf(room);
    await messages.append([anyMessage({ room, to }), { ...first, seq: 2 }]);
    expect(await chunksOf(room)).toEqual(before);
  });

  it('chunks whose message was never stored are seen by nobody, expire, and go with their room', async () => {
    const [room, to] = [anyRoomId(), people(100)];
    const reader = given(to[50]);
    const lost = anyMessage({ room, to });
    // As when MongoDB dies within the command, behind the chunks.
    await collection<WrapChunk>('messages').insertMany([...given(chunked(lost)).chunks]);
    expect((await chunksOf(room)).map(({ expiresAt }) => expiresAt.getTime())).toEqual([
      lost.expiresAt,
      lost.expiresAt,
    ]);
    expect(await messages.page(room, reader, everything)).toEqual([]);
    expect(await messages.find(room, lost.sender, lost.messageId)).toBeUndefined();
    const next = anyMessage({ room, to });
    expect(await messages.append([next])).toEqual([{ kind: 'stored' }]);
    expect(await messages.page(room, reader, everything)).toEqual([ownRow(next, reader)]);
    expect(await messages.find(room, next.sender, next.messageId)).toEqual(next);
    await messages.purge(room);
    expect(await chunksOf(room)).toEqual([]);
  });

  it('a message some of whose chunks have gone is as one that expired', async () => {
    const [room, to] = [anyRoomId(), people(100)];
    const message = anyMessage({ room, to });
    await messages.append([message]);
    const reader = given(to[0]);
    const gone = given((await chunksOf(room)).find(({ copies }) => copies[reader] !== undefined));
    await collection<WrapChunk>('messages').deleteOne({ _id: gone._id });
    expect(await messages.page(room, reader, everything)).toEqual([{ seq: 1, kind: 'nothing' }]);
    expect(await messages.find(room, message.sender, message.messageId)).toBeUndefined();
    const other = given(to[99]);
    expect(await messages.page(room, other, everything)).toEqual([ownRow(message, other)]);
  });

  it('what earlier schemas stored is read, and each gateway writes the schema that it knows to be in force', async () => {
    await using older = await openMongoPair(mongo.url, 2);
    const { a, b } = older;
    const [room, to] = [anyRoomId(), people(100)];
    const reader = given(to[70]);
    const numbered = (seq: number) => anyMessage({ room, seq, to });
    const stored = [1, 2, 3, 4].map(numbered);
    await a.messages.append(stored.slice(0, 2));
    await b.schema.raise();
    expect([a.schema.inForce(), b.schema.inForce()]).toEqual([2, 3]);
    await a.messages.append(stored.slice(2, 3));
    await b.messages.append(stored.slice(3));
    for (const each of [a, b])
      expect(await each.messages.page(room, reader, everything)).toEqual(
        stored.map((m) => ownRow(m, reader)),
      );
    await using other = new MongoClient(older.url);
    const db = other.db(databaseName(older.url));
    expect(
      await db.collection('messages').countDocuments({ seq: { $exists: true }, copies: { $exists: true } }),
    ).toBe(3);
    expect(await db.collection('messages').countDocuments({ seq: { $exists: false } })).toBe(
      Math.ceil(100 / CHUNK_WRAPS_MAX),
    );
    await a.schema.refresh();
    for (let after: number | undefined = 0; after !== undefined; )
      after = await a.messages.reexpire(room, { lifeMs: 3 * dayMs, goneThrough: 0 }, after);
    for (const each of stored)
      expect(await b.messages.find(room, each.sender, each.messageId)).toEqual({
        ...each,
        expiresAt: each.at + 3 * dayMs,
      });
    await b.messages.purge(room);
    expect(await a.messages.page(room, reader, everything)).toEqual([]);
    expect(await db.collection('messages').countDocuments()).toBe(0);
  });
});
