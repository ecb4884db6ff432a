// Builds the page into dist/web: bundled, with hashes in names, compressed beforehand. Run by scripts/bootstrap.mjs and the Dockerfile.
// Another folder, for tests, is the argument.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'client', 'web');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [target = join(root, 'dist', 'web')] = process.argv.slice(2);
/** Before compression. The dictionaries that judge new passphrases are above it. */
const fetchedBytesMax = 400_000;
/** Names with a hash in them: those of this build, and those of the one before, which pages that are open may still ask for. */
const listFile = join(target, 'build.json');

/** What the tables of the protocol say in words is for its documentation. */
const withoutWords = {
  name: 'without-words',
  setup({ onLoad }) {
    const words = /\b(about|meaning):\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;
    onLoad({ filter: /[/\\]src[/\\]protocol[/\\][\w-]+\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace(words, "$1: ''"),
    }));
  },
};

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
  plugins: [withoutWords],
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
/** What is loaded only when it is needed, without what is as large as all that a first visit loads. */
const later = outputFiles
  .filter(({ path, contents }) => /part-/.test(path) && contents.length <= fetchedBytesMax)
  .map(({ path }) => basename(path))
  .filter((name) => !parts.includes(name));
const page = readFileSync(join(source, 'index.html'), 'utf8')
  .replace('SCRIPT', basename(script))
  .replace('STYLE', basename(style))
  .replace('PARTS', later.join(' '))
  .replace(
    'PRELOADS',
    [...new Set(parts)].map((part) => `<link rel="modulepreload" href="/${part}">`).join(''),
  );

const names = outputFiles.map(({ path }) => basename(path));
const last = existsSync(listFile) ? JSON.parse(readFileSync(listFile, 'utf8')) : { names: [], before: [] };
const isSame = [...names].sort().join() === [...last.names].sort().join();
const before = (isSame ? last.before : last.names).filter((name) => !names.includes(name));

mkdirSync(target, { recursive: true });
for (const file of readdirSync(target))
  if (!before.includes(file.replace(/\.(?:br|gz)$/, ''))) rmSync(join(target, file));
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
writeFileSync(listFile, JSON.stringify({ names, before }));
