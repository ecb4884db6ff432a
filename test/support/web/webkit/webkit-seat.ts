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
import { WebDriver } from './web-driver.ts';
import { WebKitPage, type WindowTurns } from './webkit-page.ts';

/** Debian's browser for tests of its WebKitGTK, which comes with the driver. */
export const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
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
  /** Its driver tells nothing of its console. What a page throws, it shows. */
  readonly complaints: string[] = [];
  readonly #home: string;
  readonly #process: ChildProcess;
  readonly #session: WebDriver;
  readonly #finder: string;
  #current: string;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(home: string, child: ChildProcess, session: WebDriver, window: string, finder: string) {
    this.#home = home;
    this.#process = child;
    this.#session = session;
    this.#finder = finder;
    this.#current = window;
    this.page = new WebKitPage(this, window, finder);
  }

  static async open({ display, finder }: WebKitTerms): Promise<WebKitSeat> {
    const [home, port] = [await mkdtemp(join(tmpdir(), 'conclave-webkit-')), await freePort()];
    const child = spawn('WebKitWebDriver', [`--port=${port}`], {
      stdio: 'ignore',
      env: {
        ...process.env,
        DISPLAY: display,
        HOME: home,
        XDG_CONFIG_HOME: join(home, '.config'),
        LIBGL_ALWAYS_SOFTWARE: '1',
        // Root may not use its sandbox; what it shows is our own.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      },
    });
    endsWithUs(child, 'SIGTERM');
    const address = `http://127.0.0.1:${port}`;
    const driver = new WebDriver(address);
    await eventually(() => driver.get('/status'));
    const options = { binary: MINI_BROWSER, args: ['--automation'] };
    const alwaysMatch = { 'webkitgtk:browserOptions': options, timeouts: { script: SCRIPT_MS } };
    const { sessionId } = Object(await driver.post('/session', { capabilities: { alwaysMatch } }));
    const session = new WebDriver(`${address}/session/${sessionId}`);
    return new WebKitSeat(home, child, session, String(await session.get('/window')), finder);
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
    const ended = once(this.#process, 'exit');
    await this.#session.delete('').catch(() => undefined);
    this.#process.kill('SIGTERM');
    await ended;
    await rm(this.#home, { recursive: true, force: true });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
