import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../../eventually.ts';
import { endsWithUs } from '../../programs/at-end.ts';
import { freePort } from '../../services/server-process.ts';
import type { Downloaded, Seat } from '../driven-page.ts';
import { UNREACHABLE } from '../unreachable.ts';
import { hearConsole } from './inspected-console.ts';
import { startMiniBrowser } from './mini-browser.ts';
import { WebDriver } from './web-driver.ts';
import { WebKitPage, type WindowTurns } from './webkit-page.ts';

/** It knows no manifests, and says so of a policy that does. */
const NO_MANIFESTS = /Unrecognized Content-Security-Policy directive 'manifest-src'/;
const SCRIPT_MS = 300_000;
/** A download that is not whole yet. */
const PARTIAL = /\.wkdownload$/;

export interface WebKitTerms {
  /** Of an X server. */
  readonly display: string;
  /** A script, see WebKitPage. */
  readonly finder: string;
}

/** A WebKitGTK whose storage and downloads end with it. */
export class WebKitSeat implements Seat<WebKitPage>, WindowTurns {
  readonly page: WebKitPage;
  readonly complaints: string[];
  readonly #home: string;
  /** The browser and its driver. */
  readonly #processes: readonly ChildProcess[];
  readonly #session: WebDriver;
  readonly #finder: string;
  #current: string;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    home: string,
    processes: readonly ChildProcess[],
    session: WebDriver,
    window: string,
    { finder, complaints }: { readonly finder: string; readonly complaints: string[] },
  ) {
    this.complaints = complaints;
    this.#home = home;
    this.#processes = processes;
    this.#session = session;
    this.#finder = finder;
    this.#current = window;
    this.page = new WebKitPage(this, window, finder);
  }

  static async open({ display, finder }: WebKitTerms): Promise<WebKitSeat> {
    const [home, port] = [await mkdtemp(join(tmpdir(), 'conclave-webkit-')), await freePort()];
    const browser = await startMiniBrowser({
      ...process.env,
      DISPLAY: display,
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      LIBGL_ALWAYS_SOFTWARE: '1',
      // Root may not use its sandbox; what it shows is our own.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    });
    const ofDriver = [`--port=${port}`, `--target=${browser.automation}`];
    const child = spawn('WebKitWebDriver', ofDriver, { stdio: 'ignore' });
    endsWithUs(child, 'SIGTERM');
    const address = `http://127.0.0.1:${port}`;
    const driver = new WebDriver(address);
    await eventually(() => driver.get('/status'));
    const capabilities = { alwaysMatch: { timeouts: { script: SCRIPT_MS } } };
    const { sessionId } = Object(await driver.post('/session', { capabilities }));
    const session = new WebDriver(`${address}/session/${sessionId}`);
    const complaints: string[] = [];
    await hearConsole(browser.inspector, (text) => {
      if (!UNREACHABLE.test(text) && !NO_MANIFESTS.test(text)) complaints.push(text);
    });
    const window = String(await session.get('/window'));
    return new WebKitSeat(home, [browser.process, child], session, window, { finder, complaints });
  }

  async newTab(): Promise<WebKitPage> {
    // A tab behind another one is hidden, and would be throttled.
    const { handle } = Object(
      await this.#inTurn(() => this.#session.post('/window/new', { type: 'window' })),
    );
    return new WebKitPage(this, String(handle), this.#finder);
  }

  in<T>(window: string, work: (session: WebDriver) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      if (window !== this.#current) {
        await this.#session.post('/window', { handle: window });
        this.#current = window;
      }
      return work(this.#session);
    });
  }

  async downloaded(act: () => Promise<void>): Promise<Downloaded> {
    const files = async (): Promise<readonly string[]> =>
      (await readdir(this.#home)).filter((name) => !name.startsWith('.') && !PARTIAL.test(name));
    const before = await files();
    await act();
    return eventually(async () => {
      const [name = expect.unreachable('nothing was downloaded')] = (await files()).filter(
        (each) => !before.includes(each),
      );
      return { name, path: join(this.#home, name) };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = Promise.all(this.#processes.map((each) => isGone(each)));
    await this.#session.delete('').catch(() => undefined);
    for (const each of this.#processes) each.kill('SIGTERM');
    await ended;
    await rm(this.#home, { recursive: true, force: true });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** A browser may end with its session, before it is told to. */
async function isGone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
