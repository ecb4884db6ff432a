import { builtinModules } from 'node:module';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('the SDK bundles for browsers, and needs nothing of Node', async () => {
  const { metafile, errors } = await build({
    entryPoints: [new URL('./index.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
  });
  expect(errors).toEqual([]);
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((input) => input.endsWith('client/sdk/client.ts'))).toBe(true);
  expect(inputs.some((input) => input.endsWith('client/crypto/seal.ts'))).toBe(true);
  expect(inputs.filter((input) => /(^|\/)(lmdb|ws)\//.test(input))).toEqual([]);
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(imported.filter((path) => path.startsWith('node:') || builtinModules.includes(path))).toEqual([]);
});
