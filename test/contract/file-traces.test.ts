import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from 'lmdb';
import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { openTables } from '../../src/adapters/embedded/store-tables.ts';
import { PATIENCE_MS } from '../support/cluster/patience.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { temporaryFolder } from '../support/programs/memory-folder.ts';
import { fileTracesContract, type KeptFiles } from './file-traces-contract.ts';
import { dropDatabase, everythingIn, newDatabaseUrl, openMongoAt, withMongo } from './support-store-mongo.ts';

async function inDataDirectory(use: (kept: KeptFiles) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(temporaryFolder(), 'conclave-traces-'));
  const stores = openEmbeddedStores({ dataDir, telemetry: silentTelemetry() });
  const everything = async (): Promise<Buffer> => {
    await stores.close();
    const root = open<Buffer, Buffer>({ path: dataDir, noSubdir: false, maxDbs: 64, keyEncoding: 'binary' });
    const rows = [...openTables(root).values()].flatMap((table) =>
      [...table.getRange()].flatMap(({ key, value }) => [key, value]),
    );
    await root.close();
    const entries = await readdir(join(dataDir, 'files'), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    const contents = entries.map(async (entry) =>
      entry.isFile() ? readFile(join(entry.parentPath, entry.name)) : Buffer.alloc(0),
    );
    const names = entries.map(({ name }) => Buffer.from(name));
    return Buffer.concat([...rows, ...names, ...(await Promise.all(contents))]);
  };
  try {
    await stores.start();
    await use({ files: stores.files, everything });
  } finally {
    await stores.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const mongo = withMongo();

async function inMongo(use: (kept: KeptFiles) => Promise<void>): Promise<void> {
  const url = newDatabaseUrl(mongo.url);
  const stores = openMongoAt(url, PATIENCE_MS);
  try {
    await stores.start();
    await use({ files: stores.files, everything: () => everythingIn(url) });
  } finally {
    await stores.close();
    await dropDatabase(url);
  }
}

fileTracesContract('the data directory', inDataDirectory);
fileTracesContract('MongoDB', inMongo);
