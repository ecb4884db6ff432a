import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { checkImports, type ImportCheck } from '../../scripts/check-imports.ts';

/** Checks a tree of the given files, by path and content. */
async function checkTree(files: Record<string, string>): Promise<ImportCheck> {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-imports-'));
  try {
    cpSync('tsconfig.json', join(dir, 'tsconfig.json'));
    cpSync('package.json', join(dir, 'package.json'));
    symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), content);
    }
    return await checkImports(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const leaf = 'export const x: number = 1;\n';

test.each([
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
])('%s may not import %s, not even its types', async (from, to) => {
  const path = `${'../'.repeat(from.split('/').length - 1)}${to}`;
  const { violations } = await checkTree({
    [from]: `import type { x } from './${path}';\nexport type X = typeof x;\n`,
    [to]: leaf,
  });
  expect(violations).toEqual([expect.stringContaining(`${from} → ${to}`)]);
});

test.each([
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
])('%s may not import the package %s', async (from, name) => {
  const { violations } = await checkTree({
    [from]: `import * as it from '${name}';\nexport const y: unknown = it;\n`,
  });
  expect(violations).not.toEqual([]);
});

test.each(['client/chat/a.ts', 'client/chat/a.test.ts'])(
  '%s may not import a face of the chat',
  async (from) => {
    const { violations } = await checkTree({
      [from]: "import type { x } from '../tui/b.ts';\nexport type X = typeof x;\n",
      'client/tui/b.ts': leaf,
    });
    expect(violations.join('\n')).toContain('chat-has-no-face');
  },
);

test.each([
  ['src/transport/a.ts', 'uWebSockets.js'],
  ['src/adapters/redis/a.ts', 'ioredis'],
  ['src/adapters/mongo/a.ts', 'mongodb'],
  ['src/adapters/embedded/a.ts', 'lmdb'],
  ['client/profile/a.ts', 'lmdb'],
  ['client/crypto/a.ts', '@noble/hashes/scrypt.js'],
  ['src/protocol/a.ts', '@msgpack/msgpack'],
])('%s may import the package %s', async (from, name) => {
  const { violations } = await checkTree({
    [from]: `import * as it from '${name}';\nexport const y: unknown = it;\n`,
  });
  expect(violations).toEqual([]);
});

test('a cycle is refused even when it is made of types only', async () => {
  const { violations } = await checkTree({
    'src/domain/a.ts': "import type { B } from './b.ts';\nexport type A = { b: B };\n",
    'src/domain/b.ts': "import type { A } from './a.ts';\nexport type B = { a?: A };\n",
  });
  expect(violations.join('\n')).toContain('no-cycles');
});
