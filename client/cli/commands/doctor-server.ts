import type { UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { systemClock } from '../../sdk/connection/clock.ts';
import { Connection } from '../../sdk/connection/connection.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { type Account, openAccount } from '../account.ts';
import { BoundedWebSocket } from '../bounded-web-socket.ts';
import type { CommandContext } from '../command-context.ts';
import { tellIfSlow } from '../slow-answer.ts';
import { packageVersion } from '../version.ts';
import { type Check, failedCheck, found } from './doctor-check.ts';
import type { Trial } from './doctor-profile.ts';
import { servicesCheck } from './doctor-services.ts';
import { suiteChecks } from './doctor-suites.ts';

/** A challenge lives 30 s, and a sender's time more than a day off marks messages; a minute is already worth mending. */
const CLOCK_SKEW_MS_MAX = 10_000;
/** A login takes a round trip or two; what is refused for now is tried again meanwhile. */
const LOGIN_MS_MAX = 5_000;

/** The way to the server, what it is, whether it can work, the clock, whether it takes the account, and how that is encrypted. */
export async function* serverChecks(
  context: CommandContext,
  server: Origin,
  trial: Trial,
): AsyncGenerator<Check> {
  const startedAt = Date.now();
  let connection: Connection;
  try {
    connection = await tellIfSlow(context.output, greeted(server));
  } catch (error) {
    yield failedCheck('connection', error);
    return;
  }
  const endedAt = Date.now();
  const { greeting } = connection;
  await connection.close();
  context.deadline.noteConnected(greeting.connection);
  const { connection: id } = greeting;
  const ms = endedAt - startedAt;
  yield {
    ...found('connection', true, id === undefined ? 'answers' : 'answers_as', { server, ms, id }),
    connection: id,
  };
  yield found('transport', true, server.startsWith('wss:') ? 'encrypted' : 'plain');
  const features = greeting.features?.join(', ') ?? '';
  const said = { software: greeting.server, version: greeting.version, features };
  yield found('server', true, features === '' ? 'software' : 'software_with', said);
  yield await servicesCheck(server);
  yield clockCheck(Math.round(greeting.time - (startedAt + endedAt) / 2));
  if (trial === 'unusable') yield found('account', true, 'account_unusable');
  else if (trial === 'locked') yield found('account', true, 'account_locked');
  else yield* accountChecks(context, server, trial.user);
}

function greeted(server: Origin): Promise<Connection> {
  return Connection.open({
    origin: server,
    webSocket: BoundedWebSocket,
    clock: systemClock,
    program: `conclave-doctor/${packageVersion()}`,
    onEvent: () => undefined,
    abort: new AbortController().signal,
  });
}

export function clockCheck(behindMs: number): Check {
  const ms = Math.abs(behindMs);
  const values = { span: timeSpan(ms) };
  if (ms <= CLOCK_SKEW_MS_MAX) return found('clock', true, 'clock_right', values);
  return found('clock', false, behindMs < 0 ? 'clock_ahead' : 'clock_behind', values);
}

async function* accountChecks(
  { interrupted, output, settings, terminal }: CommandContext,
  server: Origin,
  user: UserName,
): AsyncGenerator<Check> {
  let account: Account | undefined;
  try {
    account = await openAccount({ ...settings, server, user }, terminal, output);
    await account.client.connect({ timeoutMs: LOGIN_MS_MAX });
    yield found('account', true, 'logged_in', { user });
    yield* suiteChecks(account.client);
  } catch (error) {
    yield failedCheck('account', error);
  } finally {
    await account?.close({ signal: interrupted });
  }
}

/** The largest unit of which there are at least two. */
function timeSpan(ms: number): string {
  for (const [unitMs, unit] of timeUnits)
    if (ms >= 1.95 * unitMs) return cliTexts.doctor.span({ count: Math.round(ms / unitMs), unit });
  return cliTexts.doctor.span({ count: ms, unit: 'ms' });
}

const timeUnits = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;
