import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { pythonToolsDir } from '../support/services/mongo-server.ts';

const run = promisify(execFile);
const python = join(pythonToolsDir, 'bin', 'python');
const verifier = 'test/vectors/verify.py';

test('the tests have a Python with an implementation of the primitives that is not ours', async () => {
  await expect(run(python, ['-c', 'import cryptography'])).resolves.toBeDefined();
});

// Not a skip: there is nothing to verify before the first vectors are written.
if (existsSync(verifier)) {
  test('an independent implementation agrees with every test vector', async () => {
    const outcome = await run(python, [verifier]).catch((error: unknown) => error);
    expect(outcome).not.toBeInstanceOf(Error);
  });
}
