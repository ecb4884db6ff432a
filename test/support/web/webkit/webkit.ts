import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { build } from 'esbuild';
import { endsWithUs } from '../../programs/at-end.ts';
import type { Browser } from '../driven-page.ts';
import type { WebKitPage } from './webkit-page.ts';
import { WebKitSeat } from './webkit-seat.ts';

const FINDER = new URL('../in-page/find-elements.ts', import.meta.url).pathname;

/** An X server without a screen, for any number of WebKitGTKs. */
export class WebKit implements Browser<WebKitPage> {
  readonly #server: ChildProcess;
  readonly #display: string;
  readonly #finder: string;

  private constructor(server: ChildProcess, display: string, finder: string) {
    this.#server = server;
    this.#display = display;
    this.#finder = finder;
  }

  static async launch(): Promise<WebKit> {
    const screen = ['-screen', '0', '1600x1200x24', '-nolisten', 'tcp', '-displayfd', '3'];
    const server = spawn('Xvfb', screen, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    endsWithUs(server, 'SIGTERM');
    const [number]: unknown[] = await once(server.stdio[3] ?? server, 'data');
    return new WebKit(server, `:${String(number).trim()}`, await finderScript());
  }

  open(): Promise<WebKitSeat> {
    return WebKitSeat.open({ display: this.#display, finder: this.#finder });
  }

  async close(): Promise<void> {
    const ended = once(this.#server, 'exit');
    this.#server.kill('SIGTERM');
    await ended;
  }
}

async function finderScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [FINDER],
    ...{ bundle: true, write: false, minify: true, format: 'iife', globalName: 'conclaveFinder' },
  });
  return outputFiles[0]?.text ?? '';
}
