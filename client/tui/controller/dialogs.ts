import { insertText } from '../editor/edit.ts';
import { type EditorState, emptyEditor } from '../editor/editor-state.ts';
import type { Dialog, PageChoice, PickerItem, PromptDialog } from '../model/dialog.ts';
import { matchingItems } from '../model/picker.ts';
import { pageTopMax } from '../view/dialog-rows.ts';
import { layoutOfModel } from '../view/frame.ts';
import type { Store } from './store.ts';

/** What a key means to a dialog. */
export type DialogKey =
  | { readonly type: 'accept' | 'cancel' | 'up' | 'down' | 'page-up' | 'page-down' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'edit'; readonly change: (editor: EditorState) => EditorState };

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
  /** What Escape does, in a word. */
  readonly leaving?: PromptDialog['leaving'];
}

export interface PickOptions {
  readonly title: string;
  readonly items: readonly PickerItem[];
  /** Stands there when no item fits. */
  readonly nothing: string;
  readonly match?: 'words' | 'letters';
  /** What the search begins with. */
  readonly query?: string | undefined;
  /** Rows that one item takes at most; by default all that it needs. */
  readonly rowsMax?: number;
}

export interface PageOptions {
  readonly title: string;
  readonly lines: readonly string[];
  readonly code?: readonly string[];
  readonly choices?: readonly PageChoice[];
}

/** A page moves by so many lines. */
const PAGE_LINES = 10;

interface Open {
  readonly options: { readonly fault?: PromptOptions['fault']; readonly remark?: PromptOptions['remark'] };
  answer(answer: string | undefined): void;
}

/** Asks questions, one after the other. An answer is `undefined` when the question was put away. */
export class Dialogs {
  readonly #store: Store;
  #open: Open | undefined;
  /** The next question waits for the answer to this one. */
  #turn: Promise<unknown> = Promise.resolve();
  #asked = 0;

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
    const { title, about = [], masked = false, initial = '', problem, leaving = 'cancel' } = options;
    const editor = insertText(emptyEditor, initial);
    return this.#ask({ kind: 'prompt', title, about, masked, editor, remark: problem, leaving }, options);
  }

  async confirm(title: string, about: readonly string[], yes: string): Promise<boolean> {
    return (await this.#ask({ kind: 'confirm', title, about, yes, remark: undefined })) === 'yes';
  }

  /** The id of the item that was chosen. */
  pick(options: PickOptions): Promise<string | undefined> {
    const { title, items, nothing, match = 'words', rowsMax = Number.POSITIVE_INFINITY } = options;
    const query = insertText(emptyEditor, options.query ?? '');
    return this.#ask({ kind: 'picker', title, items, match, query, selected: 0, nothing, rowsMax });
  }

  /** The key of the choice that ended it; undefined when it was only read. */
  page({ title, lines, code = [], choices = [] }: PageOptions): Promise<string | undefined> {
    return this.#ask({ kind: 'page', title, lines, code, top: 0, choices });
  }

  /** Shows that something goes on until it has ended; undefined when somebody put that away, which aborts the signal. */
  async wait<T>(
    { title, about }: { readonly title: string; readonly about: readonly string[] },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const abort = new AbortController();
    const shown = this.#ask({ kind: 'wait', title, about }, {}, abort.signal);
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
    this.#show({ kind: 'page', title, lines, code: [], top: 0, choices: [] });
  }

  handle(key: DialogKey): void {
    const dialog = this.#store.model.dialog;
    if (dialog === undefined) return;
    if (key.type === 'cancel') this.#answer(undefined);
    else if (dialog.kind === 'prompt') this.#promptKey(dialog, key);
    else if (dialog.kind === 'wait') return;
    else if (dialog.kind === 'confirm') this.#confirmKey(dialog, key);
    else if (dialog.kind === 'picker') this.#pickerKey(dialog, key);
    else this.#pageKey(dialog, key);
  }

  /** Whoever waits for an answer learns that there is none. */
  close(): void {
    this.#answer(undefined);
  }

  #promptKey(dialog: Extract<Dialog, { kind: 'prompt' }>, key: DialogKey): void {
    if (key.type === 'accept') {
      const fault = this.#open?.options.fault?.(dialog.editor.text);
      if (fault === undefined) this.#answer(dialog.editor.text);
      else this.#show({ ...dialog, remark: fault });
      return;
    }
    const editor = edited(dialog.editor, key, true);
    if (editor === dialog.editor) return;
    this.#show({ ...dialog, editor, remark: undefined });
    this.#remarkOn(editor);
  }

  /** What there is to say of a text comes when it is known, unless something else stands there by then. */
  #remarkOn(editor: EditorState): void {
    const remarking = this.#open?.options.remark?.(editor.text);
    remarking?.then(
      (remark) =>
        this.#store.change((model) =>
          model.dialog?.kind === 'prompt' && model.dialog.editor === editor
            ? { ...model, dialog: { ...model.dialog, remark } }
            : model,
        ),
      (error: unknown) => {
        throw error;
      },
    );
  }

  #confirmKey(dialog: Extract<Dialog, { kind: 'confirm' }>, key: DialogKey): void {
    if (key.type === 'text' && /^y$/i.test(key.text)) this.#answer('yes');
    else if (key.type === 'text' && /^n$/i.test(key.text)) this.#answer(undefined);
    else if (key.type === 'accept') this.#show({ ...dialog, remark: 'Press y or n.' });
  }

  #pickerKey(dialog: Extract<Dialog, { kind: 'picker' }>, key: DialogKey): void {
    const matching = matchingItems(dialog);
    if (key.type === 'accept') {
      const chosen = matching[dialog.selected];
      if (chosen !== undefined) this.#answer(chosen.id);
      return;
    }
    const step = steps[key.type];
    if (step !== undefined) {
      const selected = Math.min(Math.max(0, dialog.selected + step), Math.max(0, matching.length - 1));
      this.#show({ ...dialog, selected });
      return;
    }
    const query = edited(dialog.query, key, true);
    if (query !== dialog.query) this.#show({ ...dialog, query, selected: 0 });
  }

  #pageKey(dialog: Extract<Dialog, { kind: 'page' }>, key: DialogKey): void {
    if (key.type === 'accept') {
      this.#answer(undefined);
      return;
    }
    const choice = key.type === 'text' ? dialog.choices.find((each) => each.key === key.text) : undefined;
    if (choice !== undefined) {
      this.#answer(choice.key);
      return;
    }
    const step = steps[key.type];
    if (step === undefined) return;
    const { mainColumns, bodyRows } = layoutOfModel(this.#store.model);
    const topMax = pageTopMax(dialog, mainColumns, bodyRows);
    this.#show({ ...dialog, top: Math.min(Math.max(0, dialog.top + step), topMax) });
  }

  /** `unless`: not any more once it was aborted. */
  #ask(dialog: Dialog, options: Open['options'] = {}, unless?: AbortSignal): Promise<string | undefined> {
    this.#asked += 1;
    const answered = this.#turn.then(() => {
      if (unless?.aborted === true) return undefined;
      return new Promise<string | undefined>((answer) => {
        this.#open = { options, answer };
        this.#show(dialog);
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

  #show(dialog: Dialog | undefined): void {
    this.#store.change((model) => ({ ...model, dialog }));
  }
}

const steps: Readonly<Partial<Record<DialogKey['type'], number>>> = {
  up: -1,
  down: 1,
  'page-up': -PAGE_LINES,
  'page-down': PAGE_LINES,
};

function edited(editor: EditorState, key: DialogKey, oneLine: boolean): EditorState {
  if (key.type === 'edit') return key.change(editor);
  if (key.type !== 'text') return editor;
  return insertText(editor, oneLine ? key.text.replace(/[\r\n]+/g, ' ') : key.text);
}
