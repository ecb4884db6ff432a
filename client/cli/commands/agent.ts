import { bytesUpTo } from '../../profile/bounded-file.ts';
import { SEALED_KEY_BYTES } from '../../sdk/storage/sealed-form.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { secondsIn } from '../../texts/message-life.ts';
import { type Account, chosenAccount, profilePassphrase } from '../account.ts';
import type { AgentAnswer } from '../agent/agent-messages.ts';
import { AGENT_PATH_BYTES_MAX, AgentServer } from '../agent/agent-server.ts';
import { askAgent } from '../agent/ask-agent.ts';
import { startInBackground } from '../agent/background-agent.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, EXIT_UNEXPECTED, usage } from '../exit-codes.ts';
import { isoTime, localTime, type Output } from '../output.ts';
import { packageVersion } from '../version.ts';

const LIFE_DEFAULT = '8h';
const LIFE_DAYS_MAX = 30;
const DAY_SECONDS = 86_400;

export interface AgentOptions {
  readonly for?: string;
  readonly idle?: string;
  readonly foreground?: boolean;
  readonly stop?: boolean;
  /** Hidden: the agent that another one starts in the background is given its key so. */
  readonly keyOnStdin?: boolean;
}

/** Whose agent it is, and where it listens. */
interface Place extends Pick<Account, 'server' | 'user'> {
  readonly path: string;
}

/** Keeps the key of one account for other commands, until its time is up or somebody stops it. */
export async function runAgent(context: CommandContext, options: AgentOptions): Promise<void> {
  const { settings, terminal } = context;
  if (process.platform === 'win32') throw usage(cliTexts.agent.no_sockets);
  const lifeMs = parsedTime('--for', options.for ?? LIFE_DEFAULT);
  const idleMs = options.idle === undefined ? undefined : parsedTime('--idle', options.idle);
  const { profile, server, user } = await chosenAccount(settings);
  const needed = await profile.needsPassphrase(server, user);
  const place: Place = { server, user, path: profile.agentSocket(server, user) };
  if (options.stop === true) return stopAgent(context.output, place);
  if (!needed) throw usage(filled(cliTexts.agent.no_passphrase, { user }));
  await refuseIfTaken(place);
  const terms = { path: place.path, release: packageVersion(), lifeMs, idleMs };
  if (options.keyOnStdin === true) return serve(context, place, { ...terms, key: await givenKey(context) });
  const passphrase = await profilePassphrase(profile, { server, user }, settings, terminal);
  const { derived: key } = await profile.derivedKey(server, user, passphrase ?? '');
  if (options.foreground === true) return serve(context, place, { ...terms, key });
  const given = [
    '--for',
    options.for ?? LIFE_DEFAULT,
    ...(options.idle === undefined ? [] : ['--idle', options.idle]),
  ];
  await startInBackground(context, { server, user, key, options: given });
  const asked = await askAgent(place.path, { release: packageVersion(), wants: 'status' });
  if (asked.kind !== 'answer') throw failure(cliTexts.agent.not_started);
  tellRunning(context.output, place, asked.answer);
}

async function serve(
  { interrupted, output }: CommandContext,
  place: Place,
  terms: Parameters<typeof AgentServer.listen>[0],
): Promise<void> {
  const server = await AgentServer.listen(terms);
  try {
    tellRunning(output, place, { process: process.pid, endsAt: server.endsAt });
    const interruption = new Promise<'stopped'>((resolve) => {
      interrupted.addEventListener('abort', () => resolve('stopped'), { once: true });
      if (interrupted.aborted) resolve('stopped');
    });
    const why = await Promise.race([server.ended, interruption]);
    const said = filled(cliTexts.agent[why], { user: place.user, path: place.path });
    if (why === 'replaced') throw failure(said);
    output.note(said);
  } finally {
    await server.close();
  }
}

/** Rejects when an agent runs, or something is in its place. */
async function refuseIfTaken({ path, user }: Place): Promise<void> {
  if (Buffer.byteLength(path) > AGENT_PATH_BYTES_MAX)
    throw usage(filled(cliTexts.agent.path_too_long, { path, size: AGENT_PATH_BYTES_MAX }));
  const asked = await askAgent(path, { release: packageVersion(), wants: 'status' });
  if (asked.kind === 'answer')
    throw failure(filled(cliTexts.agent.running, { user, process: asked.answer.process }));
  if (asked.kind === 'unsafe') throw failure(filled(cliTexts.agent.in_the_way, { path }));
  if (asked.kind === 'silent') throw failure(filled(cliTexts.agent.silent, { path }));
}

/** Of any release. */
async function stopAgent(output: Output, { path, server, user }: Place): Promise<void> {
  const asked = await askAgent(path, { release: packageVersion(), wants: 'stop' });
  if (asked.kind === 'unsafe' || asked.kind === 'silent')
    throw failure(filled(cliTexts.agent[asked.kind], { path }));
  const state = asked.kind === 'answer' ? 'stopped' : 'none';
  output.data({ type: 'agent', state, server, user }, filled(cliTexts.agent[state], { user }));
}

function tellRunning(
  output: Output,
  { server, user }: Place,
  { process, endsAt }: Pick<AgentAnswer, 'process' | 'endsAt'>,
): void {
  output.data(
    { type: 'agent', state: 'running', server, user, process, endsAt: isoTime(endsAt) },
    cliTexts.agent.runs({ user, server, process, time: localTime(endsAt) }),
  );
}

async function givenKey({ stdin }: CommandContext): Promise<Uint8Array> {
  const key = await bytesUpTo(stdin, SEALED_KEY_BYTES);
  if (key?.length !== SEALED_KEY_BYTES) throw usage(cliTexts.agent.no_key);
  return key;
}

const failure = (said: string): CommandFailure => new CommandFailure('agent', said, EXIT_UNEXPECTED);

/** Milliseconds. */
function parsedTime(option: string, given: string): number {
  const seconds = /^\d{1,7}[smhd]$/.test(given) ? (secondsIn(given) ?? 0) : 0;
  if (seconds <= 0 || seconds > LIFE_DAYS_MAX * DAY_SECONDS)
    throw usage(filled(cliTexts.usage.bad_time, { option, given, count: LIFE_DAYS_MAX }));
  return seconds * 1_000;
}
