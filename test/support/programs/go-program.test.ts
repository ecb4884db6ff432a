import { afterEach, expect, test, vi } from 'vitest';
import { goProgram } from './go-program.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('without Go it says what is missing and where to get it, and builds nothing', async () => {
  vi.stubEnv('PATH', '');
  const said: string[] = [];
  const program = await goProgram('bench/contestants/centrifuge', (line) => void said.push(line));
  expect(program).toEqual({ ok: false, problem: expect.stringMatching(/centrifuge.*https:\/\/go\.dev\/dl/) });
  expect(said).toEqual([]);
});
