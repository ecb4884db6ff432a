import { Binary, MongoClient } from 'mongodb';
import type { RoomId } from '../../src/protocol/ids.ts';

export interface StoredCopies {
  readonly seq: number;
  /** Ids of the users who have a copy; empty for a position that was given up. */
  readonly users: readonly string[];
}

/** The roster version in the room's record. */
export async function recordVersion(mongoUrl: string, room: RoomId): Promise<number> {
  const client = new MongoClient(mongoUrl, { directConnection: true });
  try {
    const rooms = client.db().collection<{ readonly _id: Binary; readonly version: number }>('rooms');
    return (await rooms.findOne({ _id: new Binary(Buffer.from(room, 'hex')) }))?.version ?? 0;
  } finally {
    await client.close();
  }
}

/** What the database holds of a room, in its order, asked past all gateways. */
export async function storedCopies(mongoUrl: string, room: RoomId): Promise<readonly StoredCopies[]> {
  const client = new MongoClient(mongoUrl, { directConnection: true });
  try {
    const found = client
      .db()
      .collection('messages')
      .find({ room: new Binary(Buffer.from(room, 'hex')) })
      .sort({ seq: 1 });
    const all: StoredCopies[] = [];
    for await (const { seq, copies } of found)
      all.push({ seq: Number(seq), users: Object.keys(copies ?? {}) });
    return all;
  } finally {
    await client.close();
  }
}
