import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { expect, test } from 'vitest';
import { LmdbUse } from './lmdb-use.ts';
import { WriterLock } from './writer-lock.ts';

test('a write that finds itself behind a commit each time ends with an error, and nothing of it is written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-use-'));
  const path = join(folder, 'data.mdb');
  const database = open<string, string>({ path, noSubdir: true });
  try {
    let looks = 0;
    const isCurrent = (): boolean => {
      looks += 1;
      return false;
    };
    const use = new LmdbUse(path, Object.assign(new WriterLock(path), { isCurrent }), database);
    const writing = use.write(() => database.put('key', 'value'));
    await expect(writing).rejects.toMatchObject({ code: 'profile_locked' });
    expect(looks).toBeGreaterThan(1);
    expect(database.get('key')).toBeUndefined();
  } finally {
    await database.close();
    await rm(folder, { recursive: true });
  }
});
