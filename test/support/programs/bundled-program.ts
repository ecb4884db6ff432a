import { renameSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** A test's own program as one file in .cache/, for processes of which tests start several: tsx would load each module again in each. */
export function bundledProgram(source: URL): string {
  const path = fileURLToPath(source);
  const bundled = resolve('.cache', 'programs', `${basename(path, '.ts')}.mjs`);
  const unfinished = `${bundled}.${process.pid}`;
  buildSync({
    entryPoints: [path],
    outfile: unfinished,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    logLevel: 'warning',
  });
  renameSync(unfinished, bundled);
  return bundled;
}
