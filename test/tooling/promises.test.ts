import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { promiseFaults } from '../../scripts/check-promises.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-promises-'));
  writeFileSync(
    join(folder, 'a.test.ts'),
    "test.each([1])('nobody\\'s key (%i) is taken', () => undefined);\nit(\n  'nothing is kept',\n  async () => undefined,\n);\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const heading = '| promise | proved by |\n|---|---|\n';
const faultsOf = (document: string): readonly string[] => promiseFaults(document, folder);

test('SECURITY.md names a test that exists for every promise', () => {
  expect(promiseFaults(readFileSync('SECURITY.md', 'utf8'), process.cwd())).toEqual([]);
});

test('titles are found as they are written in the source, on one line or several', () => {
  const rows = '| keys | [a][one] |\n| nothing | [a][two] |\n';
  const titles = '[one]: a.test.ts "nobody\'s key (%i) is taken"\n[two]: a.test.ts "nothing is kept"\n';
  expect(faultsOf(`${heading}${rows}\n${titles}`)).toEqual([]);
});

test('a renamed test, a missing file, a loose label and a promise without a test are each named', () => {
  const rows =
    '| keys | [a][one] |\n| nothing | [b][three] |\n| files | [c](gone.test.ts) |\n| hope | none |\n';
  const titles =
    '[one]: a.test.ts "nobody\'s key is given"\n[two]: a.test.ts "nothing is kept"\n[four]: b.test.ts "x"\n[five]: a.test.ts\n';
  expect(faultsOf(`${heading}${rows}\n${titles}`)).toEqual([
    `[one]: ${join(folder, 'a.test.ts')} has no test "nobody's key is given"`,
    '[two] is defined and nowhere used',
    '[four] is defined and nowhere used',
    `[four]: ${join(folder, 'b.test.ts')} does not exist`,
    '[five] is defined and nowhere used',
    '[five] names no test',
    '[three] is not defined',
    'gone.test.ts does not exist',
    'no test is named for: hope',
  ]);
});

test('tables without a column of tests promise nothing', () => {
  expect(faultsOf('| word | meaning |\n|---|---|\n| key | a secret |\n')).toEqual([]);
});
