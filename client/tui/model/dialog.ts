import type { EditorState } from '../editor/editor-state.ts';

/** A question or a page in front of the chat. One at a time has the keys. */
export type Dialog = PromptDialog | ConfirmDialog | PickerDialog | PageDialog | WaitDialog;

/** Asks for one line. */
export interface PromptDialog {
  readonly kind: 'prompt';
  readonly title: string;
  readonly about: readonly string[];
  readonly masked: boolean;
  readonly editor: EditorState;
  /** What is wrong with the last answer, or what to think of this one. */
  readonly remark: string | undefined;
  /** What Escape does. */
  readonly leaving: 'cancel' | 'back' | 'quit';
}

/** Something goes on, until it has ended or somebody puts it away. */
export interface WaitDialog {
  readonly kind: 'wait';
  readonly title: string;
  readonly about: readonly string[];
}

export interface ConfirmDialog {
  readonly kind: 'confirm';
  readonly title: string;
  readonly about: readonly string[];
  /** What the answer yes does, in a word or two. */
  readonly yes: string;
  /** Which keys answer, once another one was tried. */
  readonly remark: string | undefined;
}

export interface PickerItem {
  readonly id: string;
  readonly label: string;
  /** Stands right of the label. */
  readonly detail: string;
}

/** A list that narrows while one types. */
export interface PickerDialog {
  readonly kind: 'picker';
  readonly title: string;
  readonly items: readonly PickerItem[];
  /** Whole words somewhere in an item, or letters of its label in their order. */
  readonly match: 'words' | 'letters';
  readonly query: EditorState;
  /** Index among those that match. */
  readonly selected: number;
  readonly nothing: string;
  /** Rows that one item takes at most. */
  readonly rowsMax: number;
}

/** Text to read; `choices` are the keys that end it with an answer. */
export interface PageDialog {
  readonly kind: 'page';
  readonly title: string;
  readonly lines: readonly string[];
  /** A QR code under the lines, row by row; empty: none. */
  readonly code: readonly string[];
  /** The first line on the screen. */
  readonly top: number;
  readonly choices: readonly PageChoice[];
}

export interface PageChoice {
  /** One letter. */
  readonly key: string;
  readonly label: string;
}
