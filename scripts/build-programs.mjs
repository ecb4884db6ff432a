// Bundles the commands of package.json into dist/: a program starts in half the time when its modules and packages are a few
// files. What sources import with import() stays a file of its own, and is read when it is asked for. Run by
// scripts/bootstrap.mjs and the Dockerfile, which check the types beforehand.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { bin, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [oldestNode] = /\d+\.\d+/.exec(engines.node);

/** lmdb finds its binary by where its own files are. Node reads its CommonJS build, one file, in half the time of its modules. */
const lmdbRequired = {
  name: 'lmdb-required',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^lmdb$/ }, ({ path, namespace }) =>
      namespace === 'lmdb-required' ? { path, external: true } : { path, namespace: 'lmdb-required' },
    );
    onLoad({ filter: /^/, namespace: 'lmdb-required' }, () => ({
      contents: "module.exports = require('lmdb');",
    }));
  },
};

/** Gives the files of the program. Each has its own, so that it consists of fewer than if they shared what they have in common. */
async function bundle(program) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [sourceOf(program)],
    outbase: '.',
    outdir: 'dist',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${oldestNode}`,
    jsx: 'automatic',
    // Paths relative to a source in a folder below src/ hold here too.
    chunkNames: `${dirname(program).replace(/^dist\//, '')}/parts/[name]-[hash]`,
    // Node reads these only with --enable-source-maps.
    sourcemap: 'linked',
    sourcesContent: false,
    // Packages in CommonJS require Node's own modules.
    banner: {
      js: "import { createRequire as __requireFrom } from 'node:module';\nconst require = __requireFrom(import.meta.url);",
    },
    // Else both builds of React would be in the bundle.
    define: { 'process.env.NODE_ENV': '"production"' },
    // The WebSocket server is a binary; Ink loads the debugger of React with DEV=true only.
    external: ['uWebSockets.js', 'react-devtools-core'],
    plugins: [lmdbRequired],
    logLevel: 'warning',
  });
  return outputFiles;
}

/** `dist/src/main.js` is made from `src/main.ts`. */
function sourceOf(program) {
  return program.replace(/^dist\//, '').replace(/js$/, 'ts');
}

/** Removes the files of earlier builds, and folders without any other. True: nothing is left of this one. */
function removeStale(folder, kept) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const left = entries.filter((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory() ? !removeStale(path, kept) : kept.has(path)) return true;
    rmSync(path, { recursive: true });
    return false;
  });
  return left.length === 0;
}

const programs = Object.values(bin).filter((program) => existsSync(join(root, sourceOf(program))));
const files = (await Promise.all(programs.map(bundle))).flat();
for (const { path, contents } of files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
const written = new Set(files.map(({ path }) => path));
for (const folder of ['src', 'client'].map((name) => join(root, 'dist', name)).filter(existsSync))
  removeStale(folder, written);
