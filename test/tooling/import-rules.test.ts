import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkImports } from '../../scripts/check-imports.ts';

/** From and to. Each has a file of its own in one tree, since a check of one takes as long as a check of all. */
const forbiddenFolders = numbered('folder', [
  ['src/protocol/a.ts', 'src/domain/b.ts'],
  ['src/domain/a.ts', 'src/ports/b.ts'],
  ['src/core/a.ts', 'src/gateway/b.ts'],
  ['src/requests/a.ts', 'src/gateway/b.ts'],
  ['src/requests/a.ts', 'src/requests/b.ts'],
  ['src/core/a.ts', 'src/requests/b.ts'],
  ['src/lib/a.ts', 'src/protocol/b.ts'],
  ['src/gateway/a.ts', 'src/transport/b.ts'],
  ['src/transport/a.ts', 'src/core/b.ts'],
  ['src/adapters/redis/a.ts', 'src/adapters/embedded/b.ts'],
  ['src/config/a.ts', 'src/domain/b.ts'],
  ['src/main.ts', 'src/gateway/b.ts'],
  ['client/sdk/a.ts', 'client/profile/b.ts'],
  ['client/admin/a.ts', 'client/sdk/b.ts'],
  ['client/chat/a.ts', 'client/profile/b.ts'],
  ['client/crypto/a.ts', 'src/domain/b.ts'],
  ['src/requests/a.ts', 'test/support/b.ts'],
  ['src/newroom/a.ts', 'src/protocol/b.ts'],
]);

const forbiddenPackages = numbered('package', [
  ['src/gateway/a.ts', 'uWebSockets.js'],
  ['src/core/a.ts', 'ioredis'],
  ['src/adapters/redis/a.ts', 'mongodb'],
  ['client/sdk/a.ts', 'lmdb'],
  ['client/sdk/a.ts', 'ws'],
  ['src/protocol/a.ts', '@noble/hashes/sha2.js'],
  ['src/protocol/a.ts', 'node:crypto'],
  ['src/domain/a.ts', 'node:fs'],
  ['client/crypto/a.ts', 'node:crypto'],
  ['client/sdk/a.ts', 'node:events'],
  ['client/chat/a.ts', 'node:tty'],
  ['client/chat/a.ts', 'ink'],
  ['client/chat/a.ts', 'react'],
  ['src/gateway/a.ts', 'vitest'],
]);

const allowedPackages = numbered('allowed', [
  ['src/transport/a.ts', 'uWebSockets.js'],
  ['src/adapters/redis/a.ts', 'ioredis'],
  ['src/adapters/mongo/a.ts', 'mongodb'],
  ['src/adapters/embedded/a.ts', 'lmdb'],
  ['client/profile/a.ts', 'lmdb'],
  ['client/crypto/a.ts', '@noble/hashes/scrypt.js'],
  ['src/protocol/a.ts', '@msgpack/msgpack'],
]);

const faces = ['client/chat/face.ts', 'client/chat/face.test.ts'];

/** `a.ts` gets a name that no other row has. */
function numbered(kind: string, rows: readonly (readonly [string, string])[]): [from: string, to: string][] {
  return rows.map(([from, to], row) => [from.replace('/a.ts', `/${kind}-${row}.ts`), to]);
}

const leaf = 'export const x: number = 1;\n';
const importOfType = (path: string): string =>
  `import type { x } from '${path}';\nexport type X = typeof x;\n`;
const importOfAll = (name: string): string =>
  `import * as it from '${name}';\nexport const y: unknown = it;\n`;
const upFrom = (from: string): string => '../'.repeat(from.split('/').length - 1);

/** By path; later ones win, so a file that imports stays itself when another row names it. */
const files: Readonly<Record<string, string>> = {
  ...Object.fromEntries(forbiddenFolders.map(([, to]) => [to, leaf])),
  'client/tui/b.ts': leaf,
  ...Object.fromEntries(forbiddenFolders.map(([from, to]) => [from, importOfType(`./${upFrom(from)}${to}`)])),
  ...Object.fromEntries(
    [...forbiddenPackages, ...allowedPackages].map(([from, name]) => [from, importOfAll(name)]),
  ),
  ...Object.fromEntries(faces.map((from) => [from, importOfType('../tui/b.ts')])),
  'src/domain/cycle.ts': "import type { B } from './back.ts';\nexport type A = { b: B };\n",
  'src/domain/back.ts': "import type { A } from './cycle.ts';\nexport type B = { a?: A };\n",
};

let violations: readonly string[];
beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-imports-'));
  try {
    for (const file of ['tsconfig.json', 'package.json']) cpSync(file, join(dir, file));
    symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), content);
    }
    ({ violations } = await checkImports(dir));
  } finally {
    rmSync(dir, { recursive: true });
  }
});

const violationsOf = (from: string): readonly string[] =>
  violations.filter((violation) => violation.includes(`${from} → `));

test.each(forbiddenFolders)('%s may not import %s, not even its types', (from, to) => {
  expect(violationsOf(from)).toEqual([expect.stringContaining(`${from} → ${to}`)]);
});

test.each(forbiddenPackages)('%s may not import the package %s', (from) => {
  expect(violationsOf(from)).not.toEqual([]);
});

test.each(allowedPackages)('%s may import the package %s', (from) => {
  expect(violationsOf(from)).toEqual([]);
});

test.each(faces)('%s may not import a face of the chat', (from) => {
  expect(violationsOf(from).join('\n')).toContain('chat-has-no-face');
});

test('a cycle is refused even when it is made of types only', () => {
  expect(violationsOf('src/domain/cycle.ts').join('\n')).toContain('no-cycles');
});
