import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../../eventually.ts';
import { endsWithUs } from '../../programs/at-end.ts';
import { freePort } from '../../services/server-process.ts';
import type { Seat } from '../driven-page.ts';
import { UNREACHABLE } from '../unreachable.ts';
import { hearConsole } from './inspected-console.ts';
import { startMiniBrowser } from './mini-browser.ts';
import { WebDriver } from './web-driver.ts';
import { WebKitPage } from './webkit-page.ts';
import { type InWindow, WebKitWindow } from './webkit-window.ts';

/** It knows no manifests, and says so of a policy that does. */
const NO_MANIFESTS = /Unrecognized Content-Security-Policy directive 'manifest-src'/;
const SCRIPT_MS = 300_000;
/** A download that is not whole yet. */
const PARTIAL = /\.wkdownload$/;

/** A WebKitGTK on this X server, whose storage and downloads end with it. `finder`: a script, see WebKitWindow. */
export async function openWebKitSeat(display: string, finder: string): Promise<Seat<WebKitPage>> {
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
  // Commands go to the window that was switched to, so those of all windows wait for each other.
  let current = window;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<unknown>): Promise<unknown> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const pageIn = (handle: string): WebKitPage => {
    const inWindow: InWindow = (work) =>
      inTurn(async () => {
        if (handle !== current) await session.post('/window', { handle });
        current = handle;
        return work(session);
      });
    return new WebKitPage(new WebKitWindow(inWindow, finder));
  };
  const files = async (): Promise<readonly string[]> =>
    (await readdir(home)).filter((name) => !name.startsWith('.') && !PARTIAL.test(name));
  return {
    page: pageIn(window),
    complaints,
    newTab: async () => {
      // A tab behind another one is hidden, and would be throttled.
      const { handle } = Object(await inTurn(() => session.post('/window/new', { type: 'window' })));
      return pageIn(String(handle));
    },
    downloaded: async (act) => {
      const before = await files();
      await act();
      return eventually(async () => {
        const [name = expect.unreachable('nothing was downloaded')] = (await files()).filter(
          (each) => !before.includes(each),
        );
        return { name, path: join(home, name) };
      });
    },
    [Symbol.asyncDispose]: async () => {
      const processes = [browser.process, child];
      const ended = Promise.all(processes.map((each) => isGone(each)));
      await session.delete('').catch(() => undefined);
      for (const each of processes) each.kill('SIGTERM');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A browser may end with its session, before it is told to. */
async function isGone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
