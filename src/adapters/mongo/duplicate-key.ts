import {
  type Collection,
  type Document,
  type Filter,
  MongoBulkWriteError,
  MongoServerError,
  type OptionalUnlessRequiredId,
  type WithId,
} from 'mongodb';

const DUPLICATE_KEY = 11_000;

/** A unique index refused a write: an outcome, not a fault. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** Inserts one document; false when a unique index has it already. */
export async function insertNew<Stored extends Document>(
  collection: Collection<Stored>,
  document: OptionalUnlessRequiredId<Stored>,
): Promise<boolean> {
  try {
    await collection.insertOne(document);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/**
 * The one document that all nodes agree on under that id: `document`, if there is none. Not an upsert that returns what it left:
 * it may return nothing to a node that loses the race. A duplicate, as an insert, waits until the majority holds what it met.
 */
export async function insertOrFind<Stored extends Document>(
  collection: Collection<Stored>,
  document: OptionalUnlessRequiredId<Stored>,
): Promise<WithId<Stored>> {
  await insertNew(collection, document);
  const kept = await collection.findOne({ _id: document._id } as Filter<Stored>);
  if (kept === null) throw new Error('a document was removed while a node agreed on it with others');
  return kept;
}

/**
 * Inserts each document for itself, in one batch. Gives the indexes of those that a unique index refused; every other
 * one is stored durably. Throws when that is not known of all.
 */
export async function insertEach<Stored extends Document>(
  collection: Collection<Stored>,
  documents: readonly OptionalUnlessRequiredId<Stored>[],
): Promise<ReadonlySet<number>> {
  return documents.length === 0 ? new Set() : refusedOf(collection.insertMany(documents, { ordered: false }));
}

/**
 * Inserts groups of documents, all of a group or what comes before its last one, which alone a unique index may refuse: nobody
 * sees the last one before the others. Gives the indexes of groups that were refused; every other one is stored durably. Throws when
 * that is not known of all.
 */
export async function insertGroups<Stored extends Document>(
  collection: Collection<Stored>,
  groups: readonly (readonly OptionalUnlessRequiredId<Stored>[])[],
): Promise<ReadonlySet<number>> {
  if (groups.length === 0) return new Set();
  const [failedAt] = await refusedOf(collection.insertMany(groups.flat(), { ordered: true }));
  if (failedAt === undefined) return new Set();
  let end = 0;
  const failed = groups.findIndex((group) => {
    end += group.length;
    return failedAt < end;
  });
  if (failedAt !== end - 1) throw new TypeError('a key that is drawn at random is there already');
  // Of those behind it MongoDB tried none. Several refusals are rare: they must not be found one after the other.
  const rest = groups.slice(failed + 1).map((group) => insertGroups(collection, [group]));
  const behind = (await Promise.all(rest)).flatMap(({ size }, index) =>
    size > 0 ? [failed + 1 + index] : [],
  );
  return new Set([failed, ...behind]);
}

/** The indexes of documents that a unique index refused. */
async function refusedOf(inserting: Promise<unknown>): Promise<ReadonlySet<number>> {
  try {
    await inserting;
    return new Set();
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const failures = [error.writeErrors].flat();
    // Without the majority's word neither what was stored nor what refused the others is durable.
    const doubtful = failures.length === 0 || error.result.getWriteConcernError() !== undefined;
    if (doubtful || failures.some((failure) => failure.code !== DUPLICATE_KEY)) throw error;
    return new Set(failures.map((failure) => failure.index));
  }
}
