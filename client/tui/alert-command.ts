import { spawn } from 'node:child_process';
import { ConclaveError } from '../sdk/errors.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import { tuiTexts } from '../texts/tui-texts.ts';

/** While so many of them run, further alerts start none: one that hangs is no reason for hundreds. */
export const ALERT_COMMANDS_MAX = 4;

type Environment = Readonly<Record<string, string | undefined>>;

/** The command of the shell that somebody chose to be told by. */
export class AlertCommand {
  readonly #command: string;
  readonly #environment: Environment;
  #running = 0;
  #hasFailed = false;

  constructor(command: string, environment: Environment) {
    this.#command = command;
    this.#environment = environment;
  }

  /**
   * The words are in the environment, which only this user can read, and where the shell cannot take them for anything else; arguments
   * can be read by everybody on the machine. `failed` is called for the first failure only.
   */
  run(room: string, text: string, failed: (error: ConclaveError) => void): void {
    if (this.#command === '' || this.#running >= ALERT_COMMANDS_MAX) return;
    this.#running += 1;
    const env = {
      ...this.#environment,
      CONCLAVE_ALERT_ROOM: visibleLine(room),
      CONCLAVE_ALERT_TEXT: visibleLine(text),
    };
    const child = spawn('/bin/sh', ['-c', this.#command], { detached: true, stdio: 'ignore', env });
    const ended = (isGood: boolean): void => {
      this.#running -= 1;
      if (isGood || this.#hasFailed) return;
      this.#hasFailed = true;
      failed(new ConclaveError('usage', tuiTexts.alerts.failed));
    };
    child.once('error', () => ended(false));
    child.once('exit', (code) => ended(code === 0));
    child.unref();
  }
}
