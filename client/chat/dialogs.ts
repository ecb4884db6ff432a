import type { Dialog, PageChoice, PickerDialog, PickerItem, PromptDialog } from './model/dialog.ts';
import { matchingItems } from './model/picker.ts';
import type { Store } from './store.ts';

export interface PromptOptions {
  readonly title: string;
  readonly about?: readonly string[];
  readonly masked?: boolean;
  readonly initial?: string;
  /** What is wrong with an answer; undefined: it is taken. */
  readonly fault?: (answer: string) => string | undefined;
  /** What to think of what is typed so far. */
  readonly remark?: (typed: string) => Promise<string | undefined>;
  /** What was wrong with the answer before. */
  readonly problem?: string | undefined;
  readonly leaving?: PromptDialog['leaving'];
}

export interface PickOptions {
  readonly title: string;
  readonly items: readonly PickerItem[];
  readonly nothing: string;
  readonly match?: PickerDialog['match'];
  /** What the search begins with. */
  readonly query?: string | undefined;
  readonly excerpts?: boolean;
}

export interface PageOptions {
  readonly title: string;
  readonly lines: readonly string[];
  readonly code?: string;
  readonly choices?: readonly PageChoice[];
  /** What putting it away means, where that is a choice too. */
  readonly leaving?: string;
}

export interface WaitOptions {
  readonly title: string;
  readonly about: readonly string[];
  readonly code?: string;
}

interface Open {
  readonly options: { readonly fault?: PromptOptions['fault']; readonly remark?: PromptOptions['remark'] };
  answer(answer: string | undefined): void;
}

type Unnumbered<D extends Dialog> = D extends Dialog ? Omit<D, 'number'> : never;

const YES = 'yes';

/** Asks questions, one after the other. An answer is `undefined` when the question was put away. */
export class Dialogs {
  readonly #store: Store;
  #open: Open | undefined;
  /** The next question waits for the answer to this one. */
  #turn: Promise<unknown> = Promise.resolve();
  #asked = 0;
  #shown = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** How many questions and pages there were. */
  get asked(): number {
    return this.#asked;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  prompt(options: PromptOptions): Promise<string | undefined> {
    const { title, about = [], masked = false, initial: text = '', problem, leaving = 'cancel' } = options;
    return this.#ask({ kind: 'prompt', title, about, masked, text, remark: problem, leaving }, options);
  }

  async confirm(title: string, about: readonly string[], yes: string): Promise<boolean> {
    return (await this.#ask({ kind: 'confirm', title, about, yes })) === YES;
  }

  /** The id of the item that was chosen. */
  pick(options: PickOptions): Promise<string | undefined> {
    const { title, items, nothing, match = 'words', query = '', excerpts = false } = options;
    return this.#ask({ kind: 'picker', title, items, match, query, selected: 0, nothing, excerpts });
  }

  /** The id of the choice that ended it; undefined when it was only read. */
  page({ title, lines, code, choices = [], leaving }: PageOptions): Promise<string | undefined> {
    return this.#ask({ kind: 'page', title, lines, code, choices, leaving });
  }

  /** Shows that something goes on until it has ended; undefined when somebody put that away, which aborts the signal. */
  async wait<T>(
    { title, about, code }: WaitOptions,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const abort = new AbortController();
    const shown = this.#ask({ kind: 'wait', title, about, code }, {}, abort.signal);
    const working = work(abort.signal);
    const closed = shown.then(() => undefined);
    try {
      return await Promise.race([working, closed]);
    } finally {
      abort.abort();
      // Whatever it comes to now, nobody waits for it.
      working.catch(() => undefined);
      if (this.#store.model.dialog?.kind === 'wait') this.#answer(undefined);
    }
  }

  /** A page over what is open, which comes back after it. */
  over({ title, lines }: Pick<PageOptions, 'title' | 'lines'>): void {
    const below = { open: this.#open, dialog: this.#store.model.dialog };
    if (below.dialog?.kind === 'page' || below.dialog?.kind === 'wait') return;
    this.#open = {
      options: {},
      answer: () => {
        this.#open = below.open;
        this.#show(below.dialog);
      },
    };
    const plain = { code: undefined, choices: [], leaving: undefined };
    this.#show({ kind: 'page', title, lines, ...plain, number: this.#nextNumber() });
  }

  /** What stands in a prompt, or in the search of a list, now. */
  type(text: string): void {
    const { dialog } = this.#store.model;
    if (dialog?.kind === 'prompt' && text !== dialog.text) {
      this.#show({ ...dialog, text, remark: undefined });
      this.#remarkOn(dialog.number, text);
    } else if (dialog?.kind === 'picker' && text !== dialog.query)
      this.#show({ ...dialog, query: text, selected: 0 });
  }

  /** Selects an item so many below the one that is; the list ends at its ends. */
  select(step: number): void {
    const { dialog } = this.#store.model;
    if (dialog?.kind !== 'picker') return;
    const last = Math.max(0, matchingItems(dialog).length - 1);
    this.#show({ ...dialog, selected: Math.min(Math.max(0, dialog.selected + step), last) });
  }

  /** Takes what is typed, or the selected item. A page was read. */
  accept(): void {
    const { dialog } = this.#store.model;
    if (dialog?.kind === 'prompt') {
      const fault = this.#open?.options.fault?.(dialog.text);
      if (fault === undefined) this.#answer(dialog.text);
      else this.#show({ ...dialog, remark: fault });
    } else if (dialog?.kind === 'picker') {
      const chosen = matchingItems(dialog)[dialog.selected];
      if (chosen !== undefined) this.#answer(chosen.id);
    } else if (dialog?.kind === 'page') this.#answer(undefined);
  }

  /** The answer yes to what is asked. */
  agree(): void {
    if (this.#store.model.dialog?.kind === 'confirm') this.#answer(YES);
  }

  /** Ends a page, or a list, with a choice. */
  choose(id: string): void {
    const { dialog } = this.#store.model;
    const choices = dialog?.kind === 'page' ? dialog.choices : dialog?.kind === 'picker' ? dialog.items : [];
    if (choices.some((choice) => choice.id === id)) this.#answer(id);
  }

  /** Puts away what is open: whoever waits for an answer learns that there is none. */
  dismiss(): void {
    this.#answer(undefined);
  }

  /** What there is to say of a text comes when it is known, unless something else stands there by then. */
  #remarkOn(number: number, text: string): void {
    this.#open?.options.remark?.(text).then(
      (remark) =>
        this.#store.change((model) =>
          model.dialog?.kind === 'prompt' && model.dialog.number === number && model.dialog.text === text
            ? { ...model, dialog: { ...model.dialog, remark } }
            : model,
        ),
      (error: unknown) => {
        throw error;
      },
    );
  }

  /** `unless`: not any more once it was aborted. */
  #ask(
    dialog: Unnumbered<Dialog>,
    options: Open['options'] = {},
    unless?: AbortSignal,
  ): Promise<string | undefined> {
    this.#asked += 1;
    const answered = this.#turn.then(() => {
      if (unless?.aborted === true) return undefined;
      return new Promise<string | undefined>((answer) => {
        this.#open = { options, answer };
        this.#show({ ...dialog, number: this.#nextNumber() });
      });
    });
    this.#turn = answered;
    return answered;
  }

  #answer(answer: string | undefined): void {
    const open = this.#open;
    this.#open = undefined;
    this.#show(undefined);
    open?.answer(answer);
  }

  #nextNumber(): number {
    this.#shown += 1;
    return this.#shown;
  }

  #show(dialog: Dialog | undefined): void {
    this.#store.change((model) => ({ ...model, dialog }));
  }
}
