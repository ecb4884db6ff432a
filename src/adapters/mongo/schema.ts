import type { Db, IndexDescription } from 'mongodb';
import { StartRefused } from '../../ports/backend.ts';
import { READY_MARK_LIFE_SECONDS } from '../../ports/ready-marks.ts';
import { REVOCATION_LIFE_MS } from '../../ports/revocations.ts';

/** Raised with every change of layout that an older gateway would misread. */
export const SCHEMA_NUMBER = 1;

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
};

interface SchemaDocument {
  readonly _id: 'schema';
  readonly number: number;
}

/** Claims an empty database for this schema, and makes what indexes are missing. Throws StartRefused on a newer schema. */
export async function prepareSchema(db: Db): Promise<void> {
  const found = await db
    .collection<SchemaDocument>('meta')
    .findOneAndUpdate(
      { _id: 'schema' },
      { $setOnInsert: { number: SCHEMA_NUMBER } },
      { upsert: true, returnDocument: 'after' },
    );
  const number = found?.number ?? SCHEMA_NUMBER;
  if (number > SCHEMA_NUMBER) {
    const reason = `the database has schema ${number}, this version knows ${SCHEMA_NUMBER}: start a newer one`;
    throw new StartRefused('schema_too_new', reason);
  }
  for (const [collection, descriptions] of Object.entries(indexes)) {
    await db.collection(collection).createIndexes([...descriptions]);
  }
  // Those of an earlier version say no time at which they end: what is over goes at a start.
  const isOver = { expiresAt: { $exists: false }, notBefore: { $lt: Date.now() - REVOCATION_LIFE_MS } };
  await db.collection('revocations').deleteMany(isOver);
}
