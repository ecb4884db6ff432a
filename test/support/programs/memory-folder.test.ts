import { tmpdir } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from './memory-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the folder that the environment names is the one that tests use', () => {
  vi.stubEnv('TMPDIR', '/somewhere/else');
  expect(temporaryFolder()).toBe('/somewhere/else');
});

test('without a name it is in memory, or the one of the system', () => {
  vi.stubEnv('TMPDIR', undefined);
  expect(['/dev/shm', tmpdir()]).toContain(temporaryFolder());
});
