import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { pythonToolsDir } from '../support/services/mongo-server.ts';

const run = promisify(execFile);
const python = join(pythonToolsDir, 'bin', 'python');

test('the tests have a Python with an implementation of the primitives that is not ours', async () => {
  await expect(run(python, ['-c', 'import cryptography'])).resolves.toBeDefined();
});

test('an independent implementation agrees with every test vector', async () => {
  const outcome = await run(python, ['test/vectors/verify.py']).catch((error: unknown) => error);
  expect(outcome).not.toBeInstanceOf(Error);
});
