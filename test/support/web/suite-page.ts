import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { DrivenPage } from './driven-page.ts';
import type { Outcome } from './suites/outcome.ts';

/** Set once its script runs; the tests may not have ended yet. */
const OUTCOMES = `(async () => {
  while (globalThis.outcomes === undefined) await new Promise((again) => setTimeout(again, 20));
  return JSON.stringify(await outcomes);
})()`;

const inSuites = (name: string): string => new URL(`suites/${name}`, import.meta.url).pathname;

/** A page that runs the tests of `suites/NAME.ts` in whatever browser opens it. */
export interface SuitePage extends AsyncDisposable {
  readonly origin: string;
  /** How its tests ended in this browser. `query`: what they are told. */
  outcomesIn(page: DrivenPage, query?: URLSearchParams): Promise<readonly Outcome[]>;
}

export async function serveSuite(name: 'stores' | 'stripped-zeros'): Promise<SuitePage> {
  const { outputFiles } = await build({
    entryPoints: [inSuites(`${name}.ts`)],
    ...{ bundle: true, write: false, format: 'esm', platform: 'browser', target: 'es2023' },
    alias: { vitest: inSuites('vitest-in-page.ts') },
    define: { 'process.env.NODE_ENV': '"test"' },
    logLevel: 'warning',
  });
  const script = outputFiles[0]?.contents ?? new Uint8Array();
  const page = `<!doctype html><title>${name}</title><script type="module" src="/script.js"></script>`;
  const server = createServer(({ url = '' }, response) => {
    const isScript = url === '/script.js';
    response.setHeader('Content-Type', `${isScript ? 'text/javascript' : 'text/html'}; charset=utf-8`);
    response.end(isScript ? script : page);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    outcomesIn: async (page, query = new URLSearchParams()) => {
      await page.goto(`${origin}/?${query}`);
      return JSON.parse(String(await page.evaluate(OUTCOMES)));
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
