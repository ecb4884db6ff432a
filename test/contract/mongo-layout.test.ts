import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseName } from '../../src/adapters/mongo/database-name.ts';
import { pageFields } from '../../src/adapters/mongo/message-document.ts';
import type { StoreBackend } from '../../src/ports/backend.ts';
import { REVOCATION_LIFE_MS } from '../../src/ports/revocations.ts';
import { idBytes } from '../../src/protocol/ids.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import {
  anyMember,
  anyMessage,
  anyRecord,
  anyRoomId,
  anyUserId,
  ascending,
  dayMs,
  wrapOf,
} from './support-store.ts';
import { everything, one, soon } from './support-store-messages.ts';
import { dropDatabase, newDatabaseUrl, openMongoAt, withMongo } from './support-store-mongo.ts';
import { joins } from './support-store-roster.ts';

interface FiledChange {
  readonly room: Uint8Array;
  readonly version: number;
  readonly expiresAt: Date;
}

/** What the ports don't show: what lies in the database and what travels. */
describe('in the database', () => {
  const mongo = withMongo();
  let store: StoreBackend;
  let client: MongoClient;
  const db = () => client.db(databaseName(url));
  let url: string;
  beforeAll(async () => {
    url = newDatabaseUrl(mongo.url);
    store = openMongoAt(url, PATIENCE_MS);
    await store.start();
    client = new MongoClient(url, { promoteBuffers: true });
  });
  afterAll(async () => {
    await client.close();
    await store.close();
    await dropDatabase(url);
  });

  it.each(['messages', 'roster_changes'])('what expires in %s is removed by MongoDB itself', async (name) => {
    const indexes = await db().collection(name).indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
    await store.messages.append([anyMessage()]);
    await store.messages.settle(anyRoomId(), [one(1)], soon());
    for (const document of await db().collection(name).find().toArray()) {
      expect(document['expiresAt']).toBeInstanceOf(Date);
    }
  });

  it('a revocation goes when it can kill no token any more, also one that an earlier version made', async () => {
    const indexes = await db().collection('revocations').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
    const revocations = db().collection<{ _id: Uint8Array; notBefore: number; expiresAt?: Date }>(
      'revocations',
    );
    const [user, over, living] = [anyUserId(), anyUserId(), anyUserId()];
    const notBefore = Date.now();
    await store.identities.revoke({ user, notBefore: notBefore - 5 });
    await store.identities.revoke({ user, notBefore });
    const expiresAt = new Date(notBefore + REVOCATION_LIFE_MS);
    expect(await revocations.findOne({ _id: idBytes(user) })).toMatchObject({ notBefore, expiresAt });
    await revocations.insertOne({ _id: idBytes(over), notBefore: notBefore - REVOCATION_LIFE_MS - 1 });
    await revocations.insertOne({ _id: idBytes(living), notBefore });
    const later = openMongoAt(url, PATIENCE_MS);
    await later.start();
    const found = await later.identities.revocationsOf([user, over, living]);
    await later.close();
    expect(found.map((each) => each.user).sort()).toEqual([user, living].sort());
  });

  it('members that an earlier gateway did not count are counted when they are asked for, and that is kept', async () => {
    const [first, second] = [anyRecord(), anyRecord({ members: ascending([anyMember(), anyMember()]) })];
    for (const record of [first, second]) await store.rooms.create(record);
    const rooms = db().collection<{ _id: Uint8Array; version: number; countedAt?: number }>('rooms');
    // As an earlier gateway leaves them: one never counted, one counted before its last change.
    await rooms.updateOne({ _id: idBytes(first.room) }, { $unset: { memberCount: 1, countedAt: 1 } });
    await rooms.updateOne({ _id: idBytes(second.room) }, { $set: { memberCount: 7, version: 2 } });
    const counted = async (): Promise<unknown[]> =>
      (await store.rooms.summaries([first.room, second.room])).map(({ room, members }) => [room, members]);
    const expected = [
      [first.room, 1],
      [second.room, 2],
    ];
    expect(await counted()).toEqual(expect.arrayContaining(expected));
    expect(await rooms.findOne({ _id: idBytes(first.room) })).toMatchObject({ memberCount: 1, countedAt: 1 });
    expect(await rooms.findOne({ _id: idBytes(second.room) })).toMatchObject({
      memberCount: 2,
      countedAt: 2,
    });
    await rooms.updateOne({ _id: idBytes(first.room) }, { $unset: { memberCount: 1, countedAt: 1 } });
    await store.rooms.update(first.room, joins(2, anyMember({ since: 2 })));
    expect(await rooms.findOne({ _id: idBytes(first.room) })).toMatchObject({ memberCount: 2, countedAt: 2 });
  });

  it('a page asks for nothing of messages that have no living copy for its reader', async () => {
    const [room, reader, other] = [anyRoomId(), anyUserId(), anyUserId()];
    const own = anyMessage({ room, seq: 1, to: [reader, other] });
    const foreign = anyMessage({ room, seq: 2, to: [other] });
    const expired = anyMessage({ room, seq: 3, to: [reader], expiresAt: Date.now() - 1 });
    await store.messages.append([own, foreign, expired]);
    await store.messages.settle(room, [{ from: 4, through: 9 }], soon());
    const rows = await db()
      .collection('messages')
      .find({ room: idBytes(room) })
      .sort({ seq: 1 })
      .project(pageFields(reader, new Date()))
      .toArray();
    const wrap = Buffer.from(wrapOf(own, reader));
    expect(rows[0]).toMatchObject({ seq: 1, own: { wrap } });
    expect(rows.slice(1)).toEqual([{ seq: 2 }, { seq: 3 }, { seq: 9, from: 4 }]);
  });

  it('messages and settled positions of an earlier layout stay readable, and are taken', async () => {
    const [room, reader] = [anyRoomId(), anyUserId()];
    const messages = [1, 4].map((seq) => anyMessage({ room, seq, to: [reader] }));
    await store.messages.append(messages);
    const stored = db().collection('messages');
    await stored.updateMany({ room: idBytes(room) }, { $unset: { held: 1 } });
    for (const seq of [2, 6]) {
      const messageId = Buffer.alloc(8);
      messageId.writeDoubleBE(seq);
      await stored.insertOne({ room: idBytes(room), seq, messageId, expiresAt: new Date(soon()) });
    }
    await store.messages.settle(room, [one(2), one(3), { from: 5, through: 6 }], soon());
    const rows = await store.messages.page(room, reader, everything);
    expect(rows.map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'own'],
      [2, 'nothing'],
      [3, 'nothing'],
      [4, 'own'],
      [5, 'nothing'],
      [6, 'nothing'],
    ]);
    for (const seq of [1, 2, 3, 4, 5, 6])
      expect(await store.messages.append([anyMessage({ room, seq })])).toEqual([{ kind: 'taken' }]);
  });

  it('a message that a gateway of an earlier layout stored within a span keeps nobody from settling around it', async () => {
    const [room, reader] = [anyRoomId(), anyUserId()];
    await store.messages.settle(room, [{ from: 10, through: 30 }], soon());
    const late = anyMessage({ room, seq: 50, to: [reader] });
    await store.messages.append([late]);
    const stored = db().collection('messages');
    await stored.updateOne({ room: idBytes(room), seq: 50 }, { $set: { seq: 27 }, $unset: { held: 1 } });
    expect(await store.messages.settle(room, [{ from: 5, through: 25 }], soon())).toBe(false);
    const bounds = { after: 4, through: 25, order: 'ascending', limit: 10 } as const;
    expect(await store.messages.page(room, reader, bounds)).toEqual([
      { seq: 9, kind: 'nothing', from: 5 },
      { seq: 25, kind: 'nothing', from: 10 },
    ]);
  });

  it('a skip of a thousand positions is one document', async () => {
    const room = anyRoomId();
    await store.messages.append([anyMessage({ room, seq: 6 }), anyMessage({ room, seq: 1_001 })]);
    const span = { from: 7, through: 1_000 };
    await Promise.all(Array.from({ length: 5 }, () => store.messages.settle(room, [span], soon())));
    expect(
      await db()
        .collection('messages')
        .countDocuments({ room: idBytes(room) }),
    ).toBe(3);
  });

  it('roster changes stay as long as copies made before them, and without them changes end', async () => {
    const record = anyRecord({ retention: 30 });
    await store.rooms.create(record);
    const updates = [2, 3, 4].map((version) => joins(version, anyMember({ since: version })));
    for (const update of updates) await store.rooms.update(record.room, update);
    const filed = db().collection<FiledChange>('roster_changes');
    const room = idBytes(record.room);
    const kept = await filed.find({ room }).sort({ version: 1 }).toArray();
    expect(kept.map((change) => change.version)).toEqual([2, 3]);
    for (const [index, change] of kept.entries()) {
      const happenedAt = updates[index]?.change.at ?? 0;
      expect(change.expiresAt.getTime()).toBeGreaterThanOrEqual(happenedAt + 30 * dayMs);
    }
    await filed.deleteOne({ room, version: 2 });
    expect(await store.rooms.changes(record.room, 1, 1_000)).toBeUndefined();
    expect(await store.rooms.changes(record.room, 2, 1_000)).toEqual(
      updates.slice(1).map((update) => update.change),
    );
  });

  it('roster changes stay longer when copies do, and never shorter', async () => {
    const record = anyRecord({ retention: 1 });
    await store.rooms.create(record);
    for (const version of [2, 3, 4]) await store.rooms.update(record.room, joins(version, anyMember()));
    const filed = db().collection<FiledChange>('roster_changes');
    const room = idBytes(record.room);
    const dueAfter = async (lifeMs: number): Promise<readonly number[]> => {
      await store.messages.reexpire(record.room, { lifeMs, goneThrough: 0 }, 0);
      const kept = await filed.find({ room }).sort({ version: 1 }).toArray();
      return kept.map(({ expiresAt }) => expiresAt.getTime());
    };
    const before = await dueAfter(dayMs);
    const longer = await dueAfter(90 * dayMs);
    expect(longer).toEqual(before.map((due) => due + 89 * dayMs));
    expect(await dueAfter(0)).toEqual(longer);
  });

  it('roster changes beyond the number that a room keeps are removed, the oldest first', async () => {
    const bounded = openMongoAt(url, PATIENCE_MS, { changesKeptMax: 20 });
    await bounded.start();
    const record = anyRecord();
    await bounded.rooms.create(record);
    for (let version = 2; version <= 70; version += 1)
      await bounded.rooms.update(record.room, joins(version, anyMember()));
    await bounded.close();
    const filed = db().collection<FiledChange>('roster_changes');
    const left = await filed
      .find({ room: idBytes(record.room) })
      .sort({ version: 1 })
      .toArray();
    // The last look was at version 64, and the change of version 70 is in the record.
    expect(left.map(({ version }) => version)).toEqual(Array.from({ length: 25 }, (_, index) => 45 + index));
  });

  it('a change that was filed by a writer that died is filed once', async () => {
    const record = anyRecord();
    await store.rooms.create(record);
    const updates = [2, 3].map((version) => joins(version, anyMember({ since: version })));
    const [first, second] = updates;
    if (first === undefined || second === undefined) throw new Error('the test made no updates');
    await store.rooms.update(record.room, first);
    await store.rooms.update(record.room, second);
    // As after a crash between filing and overwriting: the record is back at version 2, and its change is filed.
    await db()
      .collection<{ _id: Uint8Array }>('rooms')
      .updateOne({ _id: idBytes(record.room) }, { $set: { version: 2, 'lastChange.version': 2 } });
    const third = joins(3, anyMember({ since: 3 }));
    expect(await store.rooms.update(record.room, third)).toBe('updated');
    const changes = await store.rooms.changes(record.room, 1, 1_000);
    expect(changes).toEqual([first.change, third.change]);
  });

  it('a room that is purged leaves nothing behind', async () => {
    const record = anyRecord({ life: new Uint8Array([1, 2, 3]) });
    await store.rooms.create(record);
    for (const version of [2, 3]) await store.rooms.update(record.room, joins(version, anyMember()));
    await store.messages.append([anyMessage({ room: record.room })]);
    expect(await store.rooms.byId(record.room)).toMatchObject({ life: record.life });
    await store.rooms.delete(record.room, 3);
    await store.messages.purge(record.room);
    const room = idBytes(record.room);
    const left = await db().collection<{ _id: Uint8Array }>('rooms').findOne({ _id: room });
    expect(left).toMatchObject({ members: [], bans: [], password: { number: 0 }, version: -1 });
    expect(left).not.toHaveProperty('life');
    await store.rooms.jobEnded({ room: record.room, version: 3, kind: 'deleted' });
    expect(await db().collection<{ _id: Uint8Array }>('rooms').countDocuments({ _id: room })).toBe(0);
    expect(await db().collection('roster_changes').countDocuments({ room })).toBe(0);
    expect(await db().collection('messages').countDocuments({ room })).toBe(0);
  });
});
