import { afterAll, beforeAll, describe } from 'vitest';
import { databaseName } from '../../src/adapters/mongo/database-name.ts';
import { fileStoreContract } from '../contract/file-store-contract.ts';
import { fileTracesContract } from '../contract/file-traces-contract.ts';
import { dropDatabase, everythingIn, newDatabaseUrl, withMongo } from '../contract/support-store-mongo.ts';
import { hasGo } from '../support/programs/skip-without-go.ts';
import type { S3Server } from '../support/services/s3-server.ts';
import { openWithBucket, startOwnS3 } from './support-s3.ts';

const mongo = withMongo();

describe.skipIf(!hasGo())('with a bucket', () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startOwnS3();
  });
  afterAll(() => s3[Symbol.asyncDispose]());

  fileTracesContract('MongoDB and S3', async (use) => {
    const url = newDatabaseUrl(mongo.url);
    const prefix = databaseName(url);
    const stores = openWithBucket(url, { ...s3.target, prefix });
    const everything = async (): Promise<Buffer> =>
      Buffer.concat([await everythingIn(url), ...s3.objectsBelow(prefix)]);
    try {
      await stores.start();
      await use({ files: stores.files, everything });
    } finally {
      await stores.close();
      await dropDatabase(url);
    }
  });

  fileStoreContract('MongoDB and S3', async () => {
    const url = newDatabaseUrl(mongo.url);
    // Each database is a cluster of its own.
    const target = { ...s3.target, prefix: databaseName(url) };
    const [a, b] = [openWithBucket(url, target), openWithBucket(url, target)];
    await Promise.all([a.start(), b.start()]);
    return {
      a,
      b,
      [Symbol.asyncDispose]: async () => {
        await Promise.all([a.close(), b.close()]);
        await dropDatabase(url);
      },
    };
  });
});
