import { ConclaveError } from '../../sdk/errors.ts';
import { type CommandContext, requireServer } from './command-context.ts';
import { type CommandCall, commandOf } from './command-table.ts';
import { runCommand } from './run-command.ts';

/** Somebody stopped waiting for a command: nothing of it is shown any more. */
class CommandCancelled extends Error {
  override readonly name = 'CommandCancelled';
}

interface Running {
  readonly call: CommandCall;
  readonly text: string;
  readonly cancel: () => void;
  readonly ended: Promise<void>;
}

/** Carries out one command at a time. */
export class CommandRunner {
  readonly #context: CommandContext;
  #running: Running | undefined;

  constructor(context: CommandContext) {
    this.#context = context;
  }

  /** What is written while this goes on may be meant for a question that it asks: a password, typed ahead. */
  get mayAskPassword(): boolean {
    return this.#running !== undefined && commandOf(this.#running.call.name).asksPassword === true;
  }

  /** Waits until no command goes on; whether one of them asked something meanwhile. */
  async idle(): Promise<boolean> {
    const { dialogs } = this.#context;
    const before = dialogs.asked;
    while (this.#running !== undefined) await this.#running.ended;
    return dialogs.asked !== before;
  }

  /** Rejects with what was refused, and why. Resolves when it is cancelled. */
  async run(call: CommandCall, text: string): Promise<void> {
    if (commandOf(call.name).needsServer === true) requireServer(this.#context, `/${call.name}`);
    const abort = new AbortController();
    const work = runCommand(cancellable(this.#context, abort.signal), call);
    const cancelled = new Promise<void>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve());
    });
    const ended = Promise.race([work, cancelled]).then(
      () => undefined,
      () => undefined,
    );
    const running = { call, text, ended, cancel: () => abort.abort() };
    this.#running = running;
    this.#show(text);
    try {
      await Promise.race([work, cancelled]);
    } finally {
      if (this.#running === running) this.#running = undefined;
      this.#show(undefined);
      if (abort.signal.aborted) work.catch((error: unknown) => this.#reportBug(error));
    }
  }

  /** Stops waiting; the text of the command, or undefined when none goes on. */
  cancel(): string | undefined {
    const running = this.#running;
    running?.cancel();
    return running?.text;
  }

  #show(running: string | undefined): void {
    this.#context.store.change((model) => ({ ...model, running }));
  }

  #reportBug(error: unknown): void {
    if (!(error instanceof CommandCancelled) && !(error instanceof ConclaveError))
      this.#context.notices.refuse(error);
  }
}

/** A context that says, asks and shows nothing more once the command was cancelled. */
function cancellable(context: CommandContext, signal: AbortSignal): CommandContext {
  const { dialogs, notices } = context;
  const unlessCancelled = <T>(ask: () => Promise<T>): Promise<T> =>
    signal.aborted ? Promise.reject(new CommandCancelled('cancelled')) : ask();
  return {
    ...context,
    isOwner: (about) => unlessCancelled(() => context.isOwner(about)),
    notices: {
      say: (...said) => {
        if (!signal.aborted) notices.say(...said);
      },
      refuse: (error) => notices.refuse(error),
    },
    write: (text) => {
      if (!signal.aborted) context.write(text);
    },
    show: (name) => {
      if (!signal.aborted) context.show(name);
    },
    dialogs: {
      get asked() {
        return dialogs.asked;
      },
      prompt: (options) => unlessCancelled(() => dialogs.prompt(options)),
      confirm: (...options) => unlessCancelled(() => dialogs.confirm(...options)),
      pick: (options) => unlessCancelled(() => dialogs.pick(options)),
      page: (options) => unlessCancelled(() => dialogs.page(options)),
      wait: (options, work) => unlessCancelled(() => dialogs.wait(options, work)),
    },
  };
}
