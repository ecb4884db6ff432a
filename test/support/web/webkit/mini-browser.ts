import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import { eventually } from '../../eventually.ts';
import { endsWithUs } from '../../programs/at-end.ts';
import { freePort } from '../../services/server-process.ts';

/** Debian's browser for tests of its WebKitGTK, which comes with the driver. */
export const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
/** In Linux's table of TCP sockets. */
const LISTENING = '0A';

export interface MiniBrowser {
  readonly process: ChildProcess;
  /** `HOST:PORT` for a WebDriver. */
  readonly automation: string;
  /** `HOST:PORT` of its inspector, which talks JSON over WebSockets. */
  readonly inspector: string;
}

/** A driver that starts it gets no inspector: then both ask for the same listener. Started so, it has one for each. */
export async function startMiniBrowser(env: NodeJS.ProcessEnv): Promise<MiniBrowser> {
  const port = await freePort();
  const inspector = `127.0.0.1:${port}`;
  const child = spawn(MINI_BROWSER, ['--automation'], {
    stdio: 'ignore',
    env: { ...env, WEBKIT_INSPECTOR_HTTP_SERVER: inspector },
  });
  endsWithUs(child, 'SIGTERM');
  const automation = await eventually(() => {
    // It chooses the other one itself, and tells nobody.
    const [other] = listenersOf(child.pid ?? expect.unreachable()).filter((each) => each !== port);
    return `127.0.0.1:${other ?? expect.unreachable('WebKit does not listen yet')}`;
  });
  // Its inspector lists pages for whoever has asked for them before there was a driver.
  await eventually(() => fetch(`http://${inspector}/`).then((list) => list.text()));
  return { process: child, automation, inspector };
}

/** Ports that a process listens on. */
function listenersOf(pid: number): readonly number[] {
  const files = `/proc/${pid}/fd`;
  const inodes = new Set(
    readdirSync(files).map((file) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${files}/${file}`))?.[1];
      } catch {
        // It has been closed since.
        return undefined;
      }
    }),
  );
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && inodes.has(fields[9]))
    .map(([, address = '']) => Number.parseInt(address.slice(address.indexOf(':') + 1), 16));
}
