import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { eventually } from '../eventually.ts';
import { atEnd } from '../programs/at-end.ts';
import { TmuxControl } from './tmux-control.ts';

const run = promisify(execFile);

/** A screen changes in milliseconds; on a busy machine, and while keys are derived, in seconds. */
const WAIT_MS = 30_000;
const LOOK_MS = 30;

export interface TerminalOptions {
  readonly command: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell in the terminal, from which the command is started as its job. */
  readonly inShell?: boolean;
}

/** A real pseudo-terminal: tmux with a server of its own, read and typed into like a person does. */
export class TmuxTerminal implements AsyncDisposable {
  readonly #socket: string;
  #control: TmuxControl | undefined;
  #commands = 0;
  #forgetEnd: () => void = () => undefined;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static start({
    command,
    columns = 80,
    rows = 24,
    env = {},
    inShell = false,
  }: TerminalOptions): TmuxTerminal {
    const terminal = new TmuxTerminal(`conclave-${randomBytes(6).toString('hex')}`);
    const settings = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    const program = ['env', '-u', 'CI', '-u', 'TMUX', 'LANG=C.UTF-8', 'TERM=tmux-256color', ...settings];
    const started = inShell ? ['bash', '--norc', '--noprofile'] : command;
    execFileSync(
      'tmux',
      [
        ...['-L', terminal.#socket, '-u', '-f', '/dev/null'],
        ...['new-session', '-d', '-x', String(columns), '-y', String(rows), '--', ...program, ...started],
        ...[';', 'set-option', '-g', 'remain-on-exit', 'on', ';', 'set-option', '-g', 'status', 'off'],
        ...[';', 'set-option', '-g', 'window-size', 'manual', ';', 'set-option', '-g', 'set-titles', 'on'],
        ...[';', 'set-option', '-s', 'set-clipboard', 'on'],
        ...[';', 'resize-window', '-x', String(columns), '-y', String(rows)],
      ],
      { env: { ...process.env, LANG: 'C.UTF-8' } },
    );
    terminal.#forgetEnd = atEnd(() => terminal.#tmuxSync('kill-server'));
    if (inShell) {
      const quoted = command.map((word) => `'${word}'`).join(' ');
      terminal.#tmuxSync('send-keys', '-l', ` PS1='$ '; clear; ${quoted}`);
      terminal.#tmuxSync('send-keys', 'Enter');
    }
    return terminal;
  }

  /** Keys by tmux's names, such as `Enter`, `C-t`, `M-a`, `PageUp`. */
  async keys(...names: readonly string[]): Promise<void> {
    await this.#ask('send-keys', ...names);
  }

  async type(text: string): Promise<void> {
    await this.#ask('send-keys', '-l', '--', text);
  }

  /** Types a line and presses Enter. */
  async line(text: string): Promise<void> {
    await this.type(text);
    await this.keys('Enter');
  }

  /**
   * Has the shell run a command; gives the screen with nothing but its output. Neither what was there before nor the typed
   * line passes for the end of it: only a shell makes the number out of the sum.
   */
  async shellOutput(command: string): Promise<string> {
    // What is typed while a program is on its way out may be read by it.
    await eventually(async () => expect(await this.fact('pane_current_command')).toBe('bash'));
    this.#commands += 1;
    await this.line(`clear; ${command}; echo "ended: command $((0 + ${this.#commands}))"`);
    return this.shows(`ended: command ${this.#commands}`);
  }

  /** As a terminal pastes: in brackets when the program asked for them. */
  async paste(text: string): Promise<void> {
    await this.#ask('set-buffer', '--', text);
    await this.#ask('paste-buffer', '-p', '-r');
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#ask('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on the screen, line by line, without styles. */
  async screen(): Promise<string> {
    return this.#ask('capture-pane', '-p');
  }

  /** The same with lines joined that the terminal wrapped, as selecting gives them. */
  async joinedScreen(): Promise<string> {
    return this.#ask('capture-pane', '-p', '-J');
  }

  /** The same with its styles as escape sequences. */
  async styledScreen(): Promise<string> {
    return this.#ask('capture-pane', '-p', '-e');
  }

  /** Writes the bytes that the program sends from now on into a file. */
  async record(file: string): Promise<void> {
    await this.#ask('pipe-pane', '-O', `cat > '${file}'`);
  }

  /** One of tmux's facts about the pane, such as `cursor_x`, `alternate_on`, `pane_title`, `pane_dead_status`. */
  async fact(name: string): Promise<string> {
    return (await this.#ask('display-message', '-p', `#{${name}}`)).trim();
  }

  /** What the program put on the clipboard last. */
  async copied(): Promise<string> {
    // By a process of its own, which gives the bytes as they are.
    return eventually(async () => (await run('tmux', ['-L', this.#socket, '-u', 'show-buffer'])).stdout);
  }

  /** Waits until the screen shows it; gives the screen. */
  async shows(expected: string | RegExp, deadlineMs = WAIT_MS): Promise<string> {
    return this.#until(
      (screen) => (typeof expected === 'string' ? screen.includes(expected) : expected.test(screen)),
      () => `the screen never showed ${expected}`,
      deadlineMs,
    );
  }

  async showsNoMore(text: string, deadlineMs = WAIT_MS): Promise<string> {
    return this.#until(
      (screen) => !screen.includes(text),
      () => `the screen went on showing ${text}`,
      deadlineMs,
    );
  }

  /** Waits until the program has ended; its exit code. */
  async ended(deadlineMs = WAIT_MS): Promise<number> {
    return eventually(
      async () => {
        const [isDead, status] = [await this.fact('pane_dead'), await this.fact('pane_dead_status')];
        if (status !== '') return Number(status);
        // tmux 3.3 sometimes misses the signal that its child ended: the child stays a zombie until tmux looks again.
        if (isDead === '1') process.kill(Number(await this.fact('pid')), 'SIGCHLD');
        throw new Error(`the program has not ended:\n${await this.screen()}`);
      },
      { deadlineMs, pauseMs: LOOK_MS },
    );
  }

  /** The terminal after these steps; when one of them fails, nothing of it stays. */
  async after(steps: (terminal: this) => Promise<unknown>): Promise<this> {
    try {
      await steps(this);
      return this;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#forgetEnd();
    await this.#ask('kill-server').catch(() => undefined);
  }

  #until(holds: (screen: string) => boolean, fault: () => string, deadlineMs: number): Promise<string> {
    return eventually(
      async () => {
        const screen = await this.screen();
        if (!holds(screen)) throw new Error(`${fault()}:\n${screen}`);
        return screen;
      },
      { deadlineMs, pauseMs: LOOK_MS },
    );
  }

  #ask(...command: readonly string[]): Promise<string> {
    this.#control ??= new TmuxControl(this.#socket);
    return this.#control.ask(...command);
  }

  #tmuxSync(...args: readonly string[]): void {
    execFileSync('tmux', ['-L', this.#socket, '-u', ...args]);
  }
}
