import {
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoServerError,
  type OptionalUnlessRequiredId,
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
 * Inserts each document for itself, in one batch. Gives the indexes of those that a unique index refused; every other
 * one is stored durably. Throws when that is not known of all.
 */
export async function insertEach<Stored extends Document>(
  collection: Collection<Stored>,
  documents: readonly OptionalUnlessRequiredId<Stored>[],
): Promise<ReadonlySet<number>> {
  try {
    await collection.insertMany(documents, { ordered: false });
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
