// Builds the page into dist/web: bundled, with hashes in names, compressed beforehand. Run by scripts/bootstrap.mjs and the Dockerfile.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'client', 'web');
const target = join(root, 'dist', 'web');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [join(source, 'main.ts'), join(source, 'style.css')],
  outdir: target,
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2023',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  legalComments: 'none',
  define: { CONCLAVE_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
});

const outputOf = (entry) =>
  Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry);
const [script, entry] = outputOf('client/web/main.ts');
const [main, { imports }] = outputOf('client/web/page.tsx');
const [style] = outputOf('client/web/style.css');
/** What the script loads in any language is asked for together with it. */
const parts = [...entry.imports, ...imports, { kind: 'import-statement', path: main }]
  .filter(({ kind }) => kind === 'import-statement')
  .map(({ path }) => basename(path));
const page = readFileSync(join(source, 'index.html'), 'utf8')
  .replace('SCRIPT', basename(script))
  .replace('STYLE', basename(style))
  .replace(
    'PRELOADS',
    [...new Set(parts)].map((part) => `<link rel="modulepreload" href="/${part}">`).join(''),
  );

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const files = [
  ...outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]),
  ['index.html', Buffer.from(page)],
  ...['icon.svg', 'manifest.webmanifest'].map((name) => [name, readFileSync(join(source, name))]),
];
for (const [name, bytes] of files) {
  writeFileSync(join(target, name), bytes);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  writeFileSync(join(target, `${name}.br`), brotliCompressSync(bytes, { params }));
  writeFileSync(join(target, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
