import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { build } from 'esbuild';
import { endsWithUs } from '../../programs/at-end.ts';
import type { Browser } from '../driven-page.ts';
import type { WebKitPage } from './webkit-page.ts';
import { openWebKitSeat } from './webkit-seat.ts';

const FINDER = new URL('../in-page/find-elements.ts', import.meta.url).pathname;

/** An X server without a screen, for any number of WebKitGTKs. */
export async function launchWebKit(): Promise<Browser<WebKitPage>> {
  const screen = ['-screen', '0', '1600x1200x24', '-nolisten', 'tcp', '-displayfd', '3'];
  const server = spawn('Xvfb', screen, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  endsWithUs(server, 'SIGTERM');
  const [number]: unknown[] = await once(server.stdio[3] ?? server, 'data');
  const { outputFiles } = await build({
    entryPoints: [FINDER],
    ...{ bundle: true, write: false, minify: true, format: 'iife', globalName: 'conclaveFinder' },
  });
  return {
    open: () => openWebKitSeat(`:${String(number).trim()}`, outputFiles[0]?.text ?? ''),
    close: async () => {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    },
  };
}
