import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const RUNS = 'test/RUNS.md';

test.each([
  ['a part of a tier', ['test', '--runs', '2', 'test/e2e']],
  ['the long tier, which keeps a record of its own', ['long', '--runs', '2']],
  ['no number of runs', ['test', '--runs', 'many']],
])('runs in a row are refused for %s, and leave no line', (_, args) => {
  const before = readFileSync(RUNS, 'utf8');
  const { status, stderr } = spawnSync(process.execPath, ['scripts/test.mjs', ...args], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('usage: ')]);
  expect(readFileSync(RUNS, 'utf8')).toBe(before);
});

test('a line of a run in a row has its time, commit, tier, counts and seconds', () => {
  const [head = '', rule, ...rows] = readFileSync(RUNS, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect([head, rule]).toEqual([
    '| started | commit | tier | passed | failed | skipped | seconds |',
    '|---|---|---|---|---|---|---|',
  ]);
  for (const row of rows)
    expect(row).toMatch(
      /^\| \d{4}-\d\d-\d\d \d\d:\d\d \| [0-9a-f]{7,}\+? \| (test|operations) \| (\d+ \| \d+ \| \d+|– \| – \| –) \| \d+ \|$/,
    );
});
