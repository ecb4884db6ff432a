import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const place = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Packs the k6 scripts with the project's protocol code into one file: k6 strips types, and finds no packages. */
export async function bundleK6(file: string): Promise<void> {
  await build({
    entryPoints: [place('loadtest/k6/main.ts')],
    inject: [place('loadtest/k6/web-text.ts')],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2017',
    external: ['k6', 'k6/*'],
    logLevel: 'warning',
  });
}
