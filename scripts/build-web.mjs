// Builds the page into dist/web: bundled, with hashes in names, compressed beforehand. Run by scripts/bootstrap.mjs and the Dockerfile.
// Another folder, for tests, is the argument.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'client', 'web');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [target = join(root, 'dist', 'web')] = process.argv.slice(2);
/** Before compression. The dictionaries that judge new passphrases are above it. */
const fetchedBytesMax = 400_000;
/** Names with a hash in them: those of this build, and those of the one before, which pages that are open may still ask for. */
const listFile = join(target, 'build.json');

/** Tells the language before anything else of the page is evaluated, so it is apart from it. */
const startModule = join(source, 'main.ts');
const pageModule = join(source, 'page.tsx');
/** Is loaded before the page, where it is needed: what both import must not be in the file of the page, which would be evaluated with it. */
const catalogueModule = join(root, 'client', 'texts', 'german', 'catalogue.ts');
/** Each is one file: split any further, as bundlers do where parts that are loaded later share modules, they compress worse. */
const groups = [new Set(), new Set()];
const [ofStart, ofPage] = groups;

/** What the tables of the protocol say in words is for its documentation. */
const withoutWords = {
  name: 'without-words',
  transform: {
    filter: { id: /[/\\]src[/\\]protocol[/\\][\w-]+\.ts$/ },
    handler: (code) =>
      code.replace(/\b(about|meaning):\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g, "$1: ''"),
  },
};

const graph = {
  name: 'graph',
  buildEnd() {
    const reach = (id, found = new Set()) => {
      if (found.has(id)) return found;
      found.add(id);
      for (const imported of this.getModuleInfo(id).importedIds) reach(imported, found);
      return found;
    };
    const [start, page, catalogue] = [startModule, pageModule, catalogueModule].map((id) => reach(id));
    for (const id of start) ofStart.add(id);
    for (const id of page) (start.has(id) || catalogue.has(id) ? ofStart : ofPage).add(id);
  },
};

const bundle = await rolldown({
  input: { main: startModule },
  cwd: root,
  platform: 'browser',
  preserveEntrySignatures: false,
  transform: {
    target: 'es2023',
    define: { CONCLAVE_VERSION: JSON.stringify(version) },
    jsx: { runtime: 'automatic', importSource: 'preact' },
  },
  plugins: [withoutWords, graph],
});
const { output } = await bundle.generate({
  minify: true,
  comments: false,
  hashCharacters: 'base36',
  entryFileNames: '[name]-[hash].js',
  chunkFileNames: 'part-[hash].js',
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: groups.map((group, at) => ({
      name: `group-${at}`,
      test: (id) => group.has(id),
      priority: 2 - at,
    })),
  },
});
await bundle.close();
const { outputFiles: styles } = await build({
  absWorkingDir: root,
  entryPoints: [join(source, 'style.css')],
  outdir: target,
  write: false,
  bundle: true,
  minify: true,
  entryNames: '[name]-[hash]',
  logLevel: 'warning',
});

/** As gateways know names with a hash in them. */
const named = (text) =>
  text.replace(/\b(main|part)-([0-9a-z]{8})\.js\b/g, (_, name, hash) => `${name}-${hash.toUpperCase()}.js`);
const outputFiles = [
  ...output.map(({ fileName, code }) => ({ path: named(fileName), contents: Buffer.from(named(code)) })),
  ...styles,
];
const chunkOf = (module) => output.find(({ moduleIds }) => moduleIds.includes(module));
const script = named(chunkOf(startModule).fileName);
const main = chunkOf(pageModule);
const [{ path: style }] = styles;
/** What the script loads in any language is asked for together with it. */
const parts = [main.fileName, ...main.imports].map(named).filter((name) => name !== script);
/** What is loaded only when it is needed, without what is as large as all that a first visit loads. */
const later = outputFiles
  .filter(({ path, contents }) => /part-/.test(path) && contents.length <= fetchedBytesMax)
  .map(({ path }) => basename(path))
  .filter((name) => !parts.includes(name));
/** What the catalogue says in each language where nothing of the page runs. */
const [english, german] = await Promise.all(
  ['english/web/unstarted.ts', 'german/unstarted.ts'].map(async (name) => {
    const { code } = await transform(readFileSync(join(root, 'client', 'texts', name), 'utf8'), {
      loader: 'ts',
    });
    return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).unstarted;
  }),
);
const inBoth = (key) => `<p>${english[key]}</p>\n<p lang="de">${german[key]}</p>`;
const page = readFileSync(join(source, 'index.html'), 'utf8')
  .replace('SCRIPT', script)
  .replace('STYLE', basename(style))
  .replace('PARTS', later.join(' '))
  .replace('UNSTARTED', inBoth('missing'))
  .replace('NO_SCRIPT', inBoth('no_script'))
  .replace('PRELOADS', parts.map((part) => `<link rel="modulepreload" href="/${part}">`).join(''));

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
