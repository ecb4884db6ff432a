import { exposedOnTheWay } from '../sdk/connection/exposed-on-the-way.ts';
import { ConclaveError } from '../sdk/errors.ts';
import type { ChatAccount, ChatHost } from './chat-host.ts';
import { type ChatConfig, readConfigFile } from './config/chat-config.ts';
import { StartCancelled } from './controller/account-questions.ts';
import { Alerts } from './controller/alerts.ts';
import { Chat } from './controller/chat.ts';
import type { ChatContext } from './controller/chat-context.ts';
import { ChatMemory } from './controller/chat-memory.ts';
import { ConnectionWatch } from './controller/connection-watch.ts';
import { Dialogs } from './controller/dialogs.ts';
import { InputHistories } from './controller/input-histories.ts';
import { KeyInput } from './controller/key-input.ts';
import { watchNotices } from './controller/notice-watch.ts';
import { OpenRooms } from './controller/open-rooms.ts';
import { joinRoom } from './controller/room-commands.ts';
import { AccountStart } from './controller/start-account.ts';
import { startHelp } from './controller/start-help.ts';
import { Store } from './controller/store.ts';
import { keymapOf } from './keys/key-map.ts';
import { ESCAPE_MS, ESCAPE_OVER_NETWORK_MS, KeyReader } from './keys/key-reader.ts';
import { emptyModel, type Notice } from './model/model.ts';
import { noticed, WARNING_MS } from './model/notice.ts';
import { isAsciiLocale } from './screen/ascii-signs.ts';
import { guardAgainstCrashes } from './screen/crash-guard.ts';
import { TerminalScreen } from './screen/terminal-screen.ts';
import { afterLook } from './view/frame.ts';
import { InkView } from './view/ink-view.tsx';
import { RowCache } from './view/row-cache.ts';
import { themeOf } from './view/theme.ts';
import { windowTitle } from './view/window-title.ts';

/**
 * Runs the full-screen client until its end. The terminal is as it was before, whatever ends it. Rejects with `usage` when
 * the config file has faults.
 */
export async function runChat(host: ChatHost): Promise<ChatEnd> {
  const read = await readConfigFile(host.configFile);
  if ('faults' in read) throw new ConclaveError('usage', read.faults.join('\n'));
  const { config } = read;
  const screen = new TerminalScreen(host.input, host.output, {
    mouse: config.mouse,
    ascii: isAsciiLocale(host.environment),
  });
  const cache = new RowCache();
  const view = new InkView(screen, host.output, { theme: themeOf(config.theme, host.environment), cache });
  const panelColumns = { rooms: config.roomsColumns, members: config.membersColumns };
  const model = { ...emptyModel(screen.size, Date.now()), panelColumns };
  const store = new Store(
    model,
    (now) => {
      view.draw(now);
      screen.title(windowTitle(now));
      session.drawn();
    },
    (now) => afterLook(now, cache),
  );
  const dialogs = new Dialogs(store);
  const ending = new Ending(host);
  const unguard = guardAgainstCrashes(
    () => screen.leave(),
    () => ending.end('crashed'),
  );
  const reader = new KeyReader(host.input, { escapeMs: escapeMs(host.environment) });
  const keys = new KeyInput({
    store,
    dialogs,
    screen,
    keymap: keymapOf(config.bindings),
    leave: () => ending.end('left'),
    help: () => dialogs.over({ title: 'The first start', lines: startHelp }),
  });
  const offEvents = reader.onEvent((event) => keys.take(event));
  const offResize = screen.onResize(() => {
    screen.forget();
    store.change((model) => ({ ...model, size: screen.size }));
  });
  const offSuspension = screen.allowSuspension(() => {
    store.change((model) => ({ ...model, size: screen.size, now: Date.now() }));
    store.drawNow();
  });
  const session = new AccountSession({ host, config, store, dialogs, keys, screen, cache, ending });
  try {
    screen.enter();
    store.drawNow();
    return await Promise.race([ending.ended, session.run()]);
  } finally {
    for (const off of [offEvents, offResize, offSuspension]) off();
    keys.close();
    store.close();
    screen.leave();
    reader.close();
    view.close();
    // The terminal is given back: a second signal may end the process, should a disk or a server take too long.
    ending.release();
    await session.close();
    unguard();
  }
}

function escapeMs({ SSH_CONNECTION: ssh = '' }: ChatHost['environment']): number {
  return ssh === '' ? ESCAPE_MS : ESCAPE_OVER_NETWORK_MS;
}

/** A library of Ink ends the process where nobody else listens, before the terminal is given back. */
const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** `crashed`: what went wrong was said already. */
export type ChatEnd = 'left' | 'interrupted' | 'crashed';

/** Ends by a command, by a signal, or by the terminal going away. */
class Ending {
  readonly ended: Promise<ChatEnd>;
  end: (how: ChatEnd) => void = () => undefined;
  readonly #host: ChatHost;
  readonly #interrupt = (): void => this.end('interrupted');

  constructor(host: ChatHost) {
    this.#host = host;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    host.interrupted.addEventListener('abort', this.#interrupt);
    // Not every program is told by a signal: to one in the background of a session, the terminal only ends.
    for (const event of ['end', 'error']) host.input.on(event, this.#interrupt);
    for (const signal of signals) process.on(signal, this.#interrupt);
  }

  release(): void {
    this.#host.interrupted.removeEventListener('abort', this.#interrupt);
    for (const event of ['end', 'error']) this.#host.input.off(event, this.#interrupt);
    for (const signal of signals) process.off(signal, this.#interrupt);
  }
}

interface SessionOptions {
  readonly host: ChatHost;
  readonly config: ChatConfig;
  readonly store: Store;
  readonly dialogs: Dialogs;
  readonly keys: KeyInput;
  readonly screen: TerminalScreen;
  readonly cache: RowCache;
  readonly ending: Ending;
}

/** One account from its opening to its end. */
class AccountSession {
  readonly #options: SessionOptions;
  #account: ChatAccount | undefined;
  #watch: ConnectionWatch | undefined;
  #rooms: OpenRooms | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Resolves only when the person put a question of the start away. */
  async run(): Promise<'left'> {
    const { dialogs, host, keys, cache, store } = this.#options;
    try {
      this.#account = await new AccountStart(host, store, dialogs).run();
    } catch (error) {
      if (error instanceof StartCancelled) return 'left';
      throw error;
    }
    const context = await this.#connected(this.#account);
    keys.chat = new Chat(context, cache);
    watchNotices(this.#account.client, context).catch(context.report);
    await context.rooms.start().catch((error: unknown) => this.#report(error));
    const exposed = exposedOnTheWay(this.#account.client.origin);
    if (exposed !== undefined) context.say(exposed, 'warning');
    const { room } = host.wishes;
    if (room !== undefined) await joinRoom(context, room).catch((error: unknown) => this.#report(error));
    return new Promise(() => undefined);
  }

  /** A frame was drawn: what it shows may be read now. */
  drawn(): void {
    this.#rooms?.active?.noteRead();
  }

  /**
   * Waits until the profile is closed, however long its disk takes: the process must not end in the middle of a
   * transaction, whose writer thread would wait for it for ever. The server is waited for a second at most.
   */
  async close(): Promise<void> {
    this.#watch?.close();
    await this.#rooms?.close();
    await this.#account?.close();
  }

  async #connected({ client, state }: ChatAccount): Promise<ChatContext> {
    const { config, dialogs, ending, screen, store } = this.#options;
    this.#watch = new ConnectionWatch(client, store);
    this.#watch.run().catch((error: unknown) => this.#report(error));
    store.change((model) => ({
      ...model,
      start: { ...model.start, busy: `connecting to ${client.origin} …` },
    }));
    const me = await client.connect();
    const memory = new ChatMemory(state);
    const ignored = await memory.ignored();
    store.change((model) => ({ ...model, me, ignored, start: { lines: [], busy: 'listing your rooms …' } }));
    const alerts = new Alerts(screen, config.notify);
    const rooms = new OpenRooms({
      ...{ client, user: me.user, store, memory, alerts },
      report: (error) => this.#report(error),
    });
    const report = (error: unknown): void =>
      this.#report(error, (text) => this.#notice({ text, tone: 'warning', stays: 'while-editing' }));
    this.#rooms = rooms;
    const histories = new InputHistories(memory, await memory.histories(), report);
    return {
      ...{ client, store, rooms, dialogs, memory, histories, report, bindings: config.bindings },
      say: (text, tone = 'info') => this.#notice({ text, tone, stays: 'while-reading' }),
      warn: (text) => this.#warn(text),
      copy: config.clipboard ? (text) => screen.copy(text) : undefined,
      show: (name) => {
        rooms.show(name);
      },
      quit: async () => {
        const { pending } = rooms;
        const about = ['They are lost when you leave now.'];
        const sure =
          pending === 0 ||
          (await dialogs.confirm(`Leave with ${pending} messages not sent?`, about, 'leave'));
        if (sure) ending.end('left');
      },
    };
  }

  /** What went wrong beside what somebody asked for. Bugs are not survived. */
  #report(error: unknown, say: (text: string) => void = (text) => this.#warn(text)): void {
    if (!(error instanceof ConclaveError)) {
      queueMicrotask(() => {
        throw error;
      });
      return;
    }
    if (error.code === 'closed') return;
    say(error.message);
  }

  #warn(text: string): void {
    this.#notice({ text, tone: 'warning', stays: Date.now() + WARNING_MS });
  }

  #notice(notice: Notice): void {
    this.#options.store.change((model) => noticed(model, notice));
  }
}
