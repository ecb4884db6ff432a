/** A question or a page in front of the chat. One at a time is open. */
export type Dialog = PromptDialog | ConfirmDialog | PickerDialog | PageDialog | WaitDialog;

interface Numbered {
  /** Another one for each dialog: what a face keeps for one is not for the next. */
  readonly number: number;
  readonly title: string;
}

/** Asks for one line. */
export interface PromptDialog extends Numbered {
  readonly kind: 'prompt';
  readonly about: readonly string[];
  readonly masked: boolean;
  /** What is typed so far. */
  readonly text: string;
  /** What is wrong with the last answer, or what to think of this one. */
  readonly remark: string | undefined;
  /** What putting it away does. */
  readonly leaving: 'cancel' | 'back' | 'quit';
}

/** Something goes on, until it has ended or somebody puts it away. */
export interface WaitDialog extends Numbered {
  readonly kind: 'wait';
  readonly about: readonly string[];
  /** What a QR code under the lines says, where a face draws one meanwhile; undefined: there is none. */
  readonly code: string | undefined;
}

export interface ConfirmDialog extends Numbered {
  readonly kind: 'confirm';
  readonly about: readonly string[];
  /** What the answer yes does, in a word or two. */
  readonly yes: string;
}

export interface PickerItem {
  readonly id: string;
  readonly label: string;
  /** Stands beside the label. */
  readonly detail: string;
}

/** A list that narrows while one types. */
export interface PickerDialog extends Numbered {
  readonly kind: 'picker';
  readonly items: readonly PickerItem[];
  /** Whole words somewhere in an item, or letters of its label in their order. */
  readonly match: 'words' | 'letters';
  readonly query: string;
  /** Index among those that match. */
  readonly selected: number;
  /** Stands there when no item fits. */
  readonly nothing: string;
  /** Details are texts of any length, of which the beginning is enough. */
  readonly excerpts: boolean;
}

/** Text to read. */
export interface PageDialog extends Numbered {
  readonly kind: 'page';
  readonly lines: readonly string[];
  /** What a QR code under the lines says; undefined: there is none. */
  readonly code: string | undefined;
  /** What ends it with an answer. */
  readonly choices: readonly PageChoice[];
  /** What putting it away means, in a word or two; undefined: that it was read. */
  readonly leaving: string | undefined;
}

export interface PageChoice {
  readonly id: string;
  readonly label: string;
}
