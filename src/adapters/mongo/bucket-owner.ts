import { randomUUID } from 'node:crypto';
import { insertOrFind } from './duplicate-key.ts';
import type { MongoLink } from './mongo-link.ts';

interface BucketDocument {
  readonly _id: 'bucket';
  readonly cluster: string;
}

/** The name by which this database's cluster claims a bucket, made with the first one. */
export function clusterName(link: MongoLink): Promise<string> {
  return link.run('bucket', async () => {
    const { cluster } = await insertOrFind(bucketDocuments(link), { _id: 'bucket', cluster: randomUUID() });
    return cluster;
  });
}

/** Chunks of this database's files may be in a bucket. */
export function hasBucket(link: MongoLink): Promise<boolean> {
  return link.run('bucket', async () => (await bucketDocuments(link).findOne({ _id: 'bucket' })) !== null);
}

function bucketDocuments(link: MongoLink) {
  return link.db.collection<BucketDocument>('meta');
}
