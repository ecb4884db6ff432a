import { readFile } from 'node:fs/promises';
import { PROTOCOL_VERSION } from '../../../src/protocol/limits.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { Profile } from '../../profile/profile.ts';
import { systemClock } from '../../sdk/connection/clock.ts';
import { Connection } from '../../sdk/connection/connection.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { serverOf } from '../account.ts';
import { BoundedWebSocket } from '../bounded-web-socket.ts';
import type { CommandContext } from '../command-context.ts';
import { connectionFault } from '../connecting.ts';
import { CommandFailure, EXIT_UNEXPECTED } from '../exit-codes.ts';
import { packageVersion } from '../version.ts';

/** A challenge lives 30 s, and a sender's time more than a day off marks messages; a minute is already worth mending. */
const CLOCK_SKEW_MS_MAX = 10_000;
/** One connection, the state's files and a few pipes. */
const OPEN_FILES_MIN = 64;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Prints one check after the other; exit code 1 when one is not ok. */
export async function runDoctor(context: CommandContext): Promise<void> {
  const server = await serverOf(context.settings);
  let failed = 0;
  const say = (checks: readonly Check[]): void => {
    for (const { name, ok, message } of checks) {
      if (!ok) failed += 1;
      context.output.data(
        { type: 'check', name, ok, message },
        `${ok ? 'ok     ' : 'NOT OK '} ${name}: ${visibleLine(message)}`,
      );
    }
  };
  say(await fileChecks(context.settings.profileDir, server));
  say(await openFilesCheck());
  say(await connectionChecks(server, context));
  if (failed > 0)
    throw new CommandFailure(
      'doctor',
      `${failed} ${failed === 1 ? 'check is' : 'checks are'} not ok`,
      EXIT_UNEXPECTED,
    );
}

async function fileChecks(directory: string, server: Origin): Promise<readonly Check[]> {
  const profile = new Profile(directory);
  const users = await profile.users(server);
  if (users.length === 0)
    return [
      {
        name: 'profile',
        ok: false,
        message: `no keys for ${server} in ${directory}: conclave register NAME`,
      },
    ];
  return Promise.all(
    users.map(async (user) => {
      const name = `keys of ${user}`;
      try {
        const isProtected = await profile.needsPassphrase(server, user);
        await profile.requireWritable(server, user);
        return {
          name,
          ok: true,
          message: isProtected ? 'private, and under a passphrase' : 'private, without a passphrase',
        };
      } catch (error) {
        return { name, ok: false, message: reasonOf(error) };
      }
    }),
  );
}

async function openFilesCheck(): Promise<readonly Check[]> {
  if (process.platform !== 'linux') return [];
  const limits = await readFile('/proc/self/limits', 'utf8');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1] ?? 'unlimited';
  const ok = soft === 'unlimited' || Number(soft) >= OPEN_FILES_MIN;
  return [
    {
      name: 'open files',
      ok,
      message: ok ? `${soft} allowed` : `${soft} allowed: raise it with ulimit -n 1024`,
    },
  ];
}

async function connectionChecks(server: Origin, { deadline }: CommandContext): Promise<readonly Check[]> {
  const abort = new AbortController();
  const startedAt = Date.now();
  let connection: Connection;
  try {
    connection = await Connection.open({
      origin: server,
      webSocket: BoundedWebSocket,
      clock: systemClock,
      program: `conclave-doctor/${packageVersion()}`,
      onEvent: () => undefined,
      onLost: () => undefined,
      abort: abort.signal,
    });
  } catch (error) {
    return [
      { name: 'connection', ok: false, message: `${server}: ${connectionFault(reasonOf(error), server)}` },
    ];
  }
  deadline.noteConnected();
  const endedAt = Date.now();
  const { version, time, server: software } = connection.greeting;
  await connection.close();
  const skewMs = Math.round(time - (startedAt + endedAt) / 2);
  const encrypted = server.startsWith('wss:');
  return [
    { name: 'connection', ok: true, message: `${server} answers in ${endedAt - startedAt} ms` },
    {
      name: 'transport',
      ok: true,
      message: encrypted
        ? 'TLS, with a certificate this machine trusts'
        : 'no TLS: who talks with whom can be seen on the way; messages cannot',
    },
    {
      name: 'protocol',
      ok: version === PROTOCOL_VERSION,
      message: `${software} speaks version ${version}, this client ${PROTOCOL_VERSION}`,
    },
    {
      name: 'clock',
      ok: Math.abs(skewMs) <= CLOCK_SKEW_MS_MAX,
      message: `${timeSpan(Math.abs(skewMs))} ${skewMs < 0 ? 'ahead of' : 'behind'} the server${Math.abs(skewMs) <= CLOCK_SKEW_MS_MAX ? '' : ': set this machine’s clock'}`,
    },
  ];
}

/** The largest unit of which there are at least two. */
function timeSpan(ms: number): string {
  for (const [unitMs, name] of timeUnits) if (ms >= 2 * unitMs) return `${Math.round(ms / unitMs)} ${name}`;
  return `${ms} ms`;
}

const timeUnits = [
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
  [1_000, 'seconds'],
] as const;

function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'no answer';
}
