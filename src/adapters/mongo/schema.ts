import type { Collection, Db, IndexDescription } from 'mongodb';
import { StartRefused } from '../../ports/backend.ts';
import { READY_MARK_LIFE_SECONDS } from '../../ports/ready-marks.ts';
import { REVOCATION_LIFE_MS } from '../../ports/revocations.ts';
import type { Schema } from '../../ports/schema.ts';
import { insertOrFind } from './duplicate-key.ts';
import { countMembersAfter } from './member-counts.ts';
import type { MongoLink } from './mongo-link.ts';
import type { RoomDocument } from './room-document.ts';

/** A settled position is a document. */
const FIRST_SCHEMA_NUMBER = 1;
/** A span of settled positions is a document, and every room has its members counted. */
export const SCHEMA_WITH_SPANS = 2;
/** A message to many has its wraps in chunks. */
export const SCHEMA_WITH_CHUNKS = 3;
/** The newest. Raised with every form that an older gateway would misread. */
export const SCHEMA_NUMBER = 3;

const DUE = { expireAfterSeconds: 0 } as const;

const indexes: Readonly<Record<string, readonly IndexDescription[]>> = {
  accounts: [
    { key: { folded: 1 }, unique: true },
    { key: { behindSince: 1 }, sparse: true },
  ],
  identities: [{ key: { user: 1, sequence: 1 }, unique: true }],
  revocations: [{ key: { notBefore: 1, _id: 1 } }, { key: { expiresAt: 1 }, ...DUE }],
  ready_marks: [{ key: { at: 1 }, expireAfterSeconds: READY_MARK_LIFE_SECONDS }],
  invites: [{ key: { expiresAt: 1 }, ...DUE }],
  rooms: [
    { key: { folded: 1 }, unique: true },
    { key: { hidden: 1, folded: 1 } },
    { key: { 'members.user': 1, _id: 1 } },
    { key: { 'chore.version': 1 }, sparse: true },
  ],
  roster_changes: [
    { key: { room: 1, version: 1 }, unique: true },
    { key: { expiresAt: 1 }, ...DUE },
  ],
  messages: [
    { key: { room: 1, seq: 1 }, unique: true },
    // Partial: documents of an earlier layout have no such field.
    {
      key: { room: 1, held: 1 },
      unique: true,
      partialFilterExpression: { held: { $exists: true } },
    },
    { key: { room: 1, sender: 1, messageId: 1 }, unique: true },
    { key: { expiresAt: 1 }, ...DUE },
  ],
  epochs: [
    { key: { room: 1, number: 1 }, unique: true },
    { key: { expiresAt: 1 }, ...DUE },
  ],
  // Not by an end of their own: their chunks go first, see MongoFileStore.
  files: [
    { key: { expiresAt: 1 } },
    { key: { room: 1 }, sparse: true },
    { key: { uploader: 1, state: 1 }, sparse: true },
  ],
  prekeys: [
    { key: { user: 1, notBefore: 1 }, unique: true },
    { key: { expiresAt: 1 }, ...DUE },
  ],
  backup_parts: [
    { key: { user: 1, upload: 1, number: 1 }, unique: true },
    { key: { expiresAt: 1 }, ...DUE },
  ],
  contacts: [
    { key: { 'invitations.room': 1 }, sparse: true },
    { key: { 'invitations.from': 1 }, sparse: true },
  ],
  direct_rooms: [{ key: { users: 1 } }],
  link_entries: [
    { key: { channel: 1, number: 1 }, unique: true },
    { key: { expiresAt: 1 }, ...DUE },
  ],
};

interface SchemaDocument {
  readonly _id: 'schema';
  readonly number: number;
}

export class MongoSchema implements Schema {
  readonly newest = SCHEMA_NUMBER;
  readonly #link: MongoLink;
  #inForce = FIRST_SCHEMA_NUMBER;

  constructor(link: MongoLink) {
    this.#link = link;
  }

  inForce(): number {
    return this.#inForce;
  }

  refresh(): Promise<number> {
    return this.#link.run('schema', async () => {
      const found = await schemaDocuments(this.#link.db).findOne({ _id: 'schema' });
      this.#inForce = found?.number ?? FIRST_SCHEMA_NUMBER;
      return this.#inForce;
    });
  }

  async raise(): Promise<void> {
    const rooms = this.#link.db.collection<RoomDocument>('rooms');
    const countAfter = (after?: Uint8Array): Promise<Uint8Array | undefined> =>
      this.#link.run('schema', () => countMembersAfter(rooms, after));
    // One operation a batch: each has its own deadline.
    for (let last = await countAfter(); last !== undefined; ) last = await countAfter(last);
    await this.#link.run('schema', () =>
      schemaDocuments(this.#link.db).updateOne({ _id: 'schema' }, { $max: { number: SCHEMA_NUMBER } }),
    );
    await this.refresh();
  }
}

/**
 * Claims a database without rooms for the newest schema, and makes what indexes are missing. Throws StartRefused on one that is
 * newer than this release.
 */
export async function prepareSchema(db: Db): Promise<void> {
  const isEmpty = (await db.collection('rooms').findOne({}, { projection: { _id: 1 } })) === null;
  const first = isEmpty ? SCHEMA_NUMBER : FIRST_SCHEMA_NUMBER;
  const { number } = await insertOrFind<SchemaDocument>(schemaDocuments(db), {
    _id: 'schema',
    number: first,
  });
  if (number > SCHEMA_NUMBER) {
    const reason = `the database has schema ${number}, and this release knows schemas up to ${SCHEMA_NUMBER}: start a newer release`;
    throw new StartRefused('schema_too_new', reason);
  }
  for (const [collection, descriptions] of Object.entries(indexes)) {
    await db.collection(collection).createIndexes([...descriptions]);
  }
  // Those of an earlier version say no time at which they end: what is over goes at a start.
  const isOver = { expiresAt: { $exists: false }, notBefore: { $lt: Date.now() - REVOCATION_LIFE_MS } };
  await db.collection('revocations').deleteMany(isOver);
}

function schemaDocuments(db: Db): Collection<SchemaDocument> {
  return db.collection('meta');
}
