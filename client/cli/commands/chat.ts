import { join } from 'node:path';
import { ReadStream, WriteStream } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { foldName } from '../../../src/protocol/names.ts';
import type { ChatAccount, ChatWishes } from '../../chat/account/account-host.ts';
import { Profile } from '../../profile/profile.ts';
import { systemClock } from '../../sdk/connection/clock.ts';
import { probe } from '../../sdk/connection/probe.ts';
import { newAccountKeys } from '../../sdk/people/own-account.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import type { ChatHost } from '../../tui/run-chat.ts';
import { type Account, openAccountOf, serverOf } from '../account.ts';
import { BoundedWebSocket } from '../bounded-web-socket.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, EXIT_UNEXPECTED, interruption, usage } from '../exit-codes.ts';
import type { DiskFiles } from '../files/disk-files.ts';
import { ownFolder } from '../home-folder.ts';
import { hasKeys, refuseIfRegistered, registerKeys } from '../registration.ts';
import { readSecretFile } from '../secret-file.ts';
import type { Settings } from '../settings.ts';
import { packageVersion } from '../version.ts';

export interface ChatOptions {
  readonly printConfig?: boolean;
}

/** Opens the full-screen client. It is loaded here and nowhere else: other commands start without it. */
export async function chat(
  context: CommandContext,
  room: string | undefined,
  { printConfig = false }: ChatOptions,
): Promise<void> {
  const { settings, stdin, stdout } = context;
  if (settings.json) throw usage(cliTexts.usage.chat_json);
  if (printConfig) {
    const { defaultConfigText } = await import('../../tui/config/config-text.ts');
    stdout.write(defaultConfigText());
    return;
  }
  if (!settings.mayAsk || !(stdin instanceof ReadStream) || !(stdout instanceof WriteStream))
    throw usage(cliTexts.usage.chat_terminal);
  if (context.environment['TERM'] === 'dumb') throw usage(cliTexts.usage.chat_dumb);
  // As it was given: what the process needs of it is no wish of the person.
  const environment = { ...context.environment };
  prepareProcess(process.env);
  const { runChat } = await import('../../tui/run-chat.ts');
  const { DiskFiles } = await import('../files/disk-files.ts');
  await using files = new DiskFiles(environment);
  const remarks: string[] = [];
  const ended = await runChat(
    await chatHost({ ...context, environment }, { stdin, stdout, room, files, remarks }),
  );
  for (const said of remarks) context.output.note(said);
  if (ended === 'interrupted') throw interruption();
  if (ended === 'crashed')
    throw new CommandFailure('unexpected', cliTexts.usage.report_this, EXIT_UNEXPECTED);
}

/**
 * React is quick in production only, looks for its debugger with DEV, and Ink asks about colours once, when it is loaded;
 * whether there are any is the theme's decision.
 */
function prepareProcess(environment: NodeJS.ProcessEnv): void {
  environment['NODE_ENV'] = 'production';
  environment['FORCE_COLOR'] = '1';
  delete environment['DEV'];
  // Node warns on the terminal of two that contradict each other.
  delete environment['NO_COLOR'];
  for (const flag of heapFlags) setFlagsFromString(flag);
}

/**
 * Frames leave much garbage behind. With its own choice V8 let the heap of a client with 10,000 messages grow to four
 * times what lived in it; this costs some CPU and keeps the whole process below 200 MB.
 */
const heapFlags = ['--heap-growing-percent=20', '--max-semi-space-size=4', '--semi-space-growth-factor=1'];

/** Requests of somebody who waits for an answer; messages on their way have no limit. */
const REQUEST_MS_DEFAULT = 30_000;

async function chatHost(
  context: CommandContext,
  {
    stdin,
    stdout,
    room,
    files,
    remarks,
  }: {
    readonly stdin: ReadStream;
    readonly stdout: WriteStream;
    readonly room: string | undefined;
    readonly files: DiskFiles;
    /** Said once the screen is the person's own again. */
    readonly remarks: string[];
  },
): Promise<ChatHost> {
  const settings = { ...context.settings, timeoutMs: context.settings.timeoutMs ?? REQUEST_MS_DEFAULT };
  const profile = new Profile(settings.profileDir);
  const accounts = new Map<ChatAccount, Account>();
  /** Of keys that were made in this run: no server has an account of theirs yet. */
  const fresh = new Set<string>();
  const kept = (opened: Account): ChatAccount => {
    // A registration that is refused closes it, and so does whoever asked for it.
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= opened.close();
      return closing;
    };
    if (opened.remark !== undefined) remarks.push(opened.remark);
    const account: Account = { ...opened, close };
    const chatAccount = { client: account.client, state: account.storage.state, close };
    accounts.set(chatAccount, account);
    return chatAccount;
  };
  return {
    wishes: await wishesOf(settings, profile, room),
    input: stdin,
    output: stdout,
    environment: context.environment,
    files,
    configFile: configFileOf(context.environment),
    interrupted: context.interrupted,
    keepingAdvice: cliTexts.said.keeping_advice,
    probe: (server, abort) =>
      probe({
        ...{ origin: server, webSocket: BoundedWebSocket, clock: systemClock, abort },
        program: `conclave/${packageVersion()}`,
      }),
    hasAccount: (server, user) => hasKeys(profile, server, user),
    needsPassphrase: (server, user) => profile.needsPassphrase(server, user),
    checkPassphrase: async (server, user, typed) => {
      (await profile.derivedKey(server, user, typed)).derived.fill(0);
    },
    open: async (server, user, passphrase) => kept(await openAccountOf(settings, server, user, passphrase)),
    create: async (server, user, passphrase) => {
      if (!(await hasKeys(profile, server, user))) {
        await profile.create(server, await newAccountKeys(user), passphrase);
        fresh.add(keysOf({ server, user }));
      }
      const account = await openAccountOf(settings, server, user, passphrase);
      if (!fresh.has(keysOf(account))) await refuseIfRegistered(account);
      return kept(account);
    },
    register: async (chatAccount, invite) => {
      const account = accounts.get(chatAccount);
      if (account === undefined) throw new TypeError('the account was not opened here');
      return registerKeys(profile, account, {
        fresh: fresh.has(keysOf(account)),
        exceptAfter: 'invite_needed',
        register: () => account.client.register(invite === undefined ? {} : { invite }),
      });
    },
  };
}

function keysOf({ server, user }: Pick<Account, 'server' | 'user'>): string {
  return `${foldName(user)} ${server}`;
}

async function wishesOf(settings: Settings, profile: Profile, room: string | undefined): Promise<ChatWishes> {
  const suggestedServer = await serverOf(settings);
  const source = settings.passphrase;
  return {
    server: settings.server,
    suggestedServer,
    user: settings.user ?? (await profile.defaultUser(suggestedServer)),
    passphrase:
      source.kind === 'ask'
        ? { known: false }
        : {
            known: true,
            value:
              source.kind === 'file'
                ? await readSecretFile(source.path, source.option)
                : source.kind === 'known'
                  ? source.passphrase
                  : undefined,
          },
    room,
  };
}

/** `$XDG_CONFIG_HOME/conclave/config.toml`, or the same below `~/.config`; undefined: there is no place for one. */
function configFileOf({ XDG_CONFIG_HOME }: CommandContext['environment']): string | undefined {
  const folder = ownFolder(XDG_CONFIG_HOME, '.config');
  return folder && join(folder, 'config.toml');
}
