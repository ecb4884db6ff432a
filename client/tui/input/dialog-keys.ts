import type { Dialogs } from '../../chat/dialogs.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { edit, insertText, isEditAction } from '../editor/edit.ts';
import type { EditorState } from '../editor/editor-state.ts';
import type { ActionId } from '../keys/actions.ts';
import type { TypedEvent } from '../keys/key-reader.ts';
import { dialogInputOf } from '../screen-model.ts';
import type { ScreenStore } from '../screen-store.ts';
import { choiceKeys, pageTopMax } from '../view/dialog-rows.ts';
import { layoutOfModel } from '../view/frame.ts';

const { dialogs: texts } = tuiTexts;
/** A page moves by so many lines. */
const PAGE_LINES = 10;

/** Lists and pages are moved through by these, whatever they are bound to. */
const steps: Readonly<Record<string, number>> = {
  up: -1,
  down: 1,
  wheelup: -1,
  wheeldown: 1,
  pageup: -PAGE_LINES,
  pagedown: PAGE_LINES,
};

/** What the keyboard does while a dialog is open. */
export class DialogKeys {
  readonly #dialogs: Dialogs;
  readonly #screen: ScreenStore;

  constructor(dialogs: Dialogs, screen: ScreenStore) {
    this.#dialogs = dialogs;
    this.#screen = screen;
  }

  take(event: TypedEvent, action: ActionId | undefined): void {
    if (event.type !== 'key') this.#text(event.text);
    else if (event.key === 'escape' || action === 'cancel' || action === 'clear-or-quit')
      this.#dialogs.dismiss();
    else if (event.key === 'enter') this.#enter();
    else {
      const step = steps[event.key];
      if (step !== undefined) this.#move(step);
      else if (action !== undefined && isEditAction(action)) this.#edit((editor) => edit(editor, action));
    }
  }

  #text(text: string): void {
    const { dialog } = this.#screen.model;
    if (dialog?.kind === 'confirm') {
      const letter = text.toLowerCase();
      if (letter === texts.yes_key) this.#dialogs.agree();
      else if (letter === texts.no_key) this.#dialogs.dismiss();
    } else if (dialog?.kind === 'page') {
      const choice = dialog.choices[choiceKeys(dialog.choices).indexOf(text)];
      if (choice !== undefined) this.#dialogs.choose(choice.id);
    } else this.#edit((editor) => insertText(editor, text.replace(/[\r\n]+/g, ' ')));
  }

  #enter(): void {
    if (this.#screen.model.dialog?.kind === 'confirm')
      this.#keep({ remark: texts.press(texts.yes_key, texts.no_key) });
    else this.#dialogs.accept();
  }

  #move(step: number): void {
    const { model } = this.#screen;
    const { dialog } = model;
    if (dialog?.kind !== 'page') {
      this.#dialogs.select(step);
      return;
    }
    const { mainColumns, bodyRows } = layoutOfModel(model);
    const topMax = pageTopMax(dialog, mainColumns, bodyRows);
    this.#keep({ top: Math.min(Math.max(0, dialogInputOf(model).top + step), topMax) });
  }

  #edit(change: (editor: EditorState) => EditorState): void {
    const { model } = this.#screen;
    if (model.dialog?.kind !== 'prompt' && model.dialog?.kind !== 'picker') return;
    const editor = change(dialogInputOf(model).editor);
    this.#keep({ editor });
    this.#dialogs.type(editor.text);
  }

  #keep(change: Partial<ReturnType<typeof dialogInputOf>>): void {
    this.#screen.change({ dialogInput: { ...dialogInputOf(this.#screen.model), ...change } });
  }
}
