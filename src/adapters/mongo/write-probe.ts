import type { Db } from 'mongodb';
import { isDuplicateKey } from './duplicate-key.ts';

interface ProbeDocument {
  readonly _id: 'probe';
  readonly at: Date;
}

/**
 * Writes as the services do: one small document that all gateways share, acknowledged by the majority. A MongoDB whose disk is
 * full, that is no primary, blocks writes, or denies this user refuses it, though it answers `ping`. Throws the driver's error.
 */
export async function probeWrite(db: Db): Promise<void> {
  try {
    await db
      .collection<ProbeDocument>('meta')
      .findOneAndUpdate({ _id: 'probe' }, { $set: { at: new Date() } }, { upsert: true });
  } catch (error) {
    // Another gateway made the document at the same moment.
    if (!isDuplicateKey(error)) throw error;
  }
}
