import type { Completer } from '../../chat/input/completer.ts';
import type { Notices } from '../../chat/notices.ts';
import { beginCycle, type CompletionCycle, turnCycle } from '../editor/completion-cycle.ts';
import type { DraftEditor } from './draft-editor.ts';

/** Completes what is typed; each further turn offers the next candidate, until something else is done. */
export class CompletionKeys {
  readonly #completer: Completer;
  readonly #draft: DraftEditor;
  readonly #notices: Notices;
  #cycle: CompletionCycle | undefined;

  constructor(completer: Completer, draft: DraftEditor, notices: Notices) {
    this.#completer = completer;
    this.#draft = draft;
    this.#notices = notices;
  }

  async turn(step: 1 | -1): Promise<void> {
    const before = this.#draft.state;
    // A single candidate is settled: what may follow it is offered next, such as what is in a folder.
    const isOpen = this.#cycle?.editor === before && this.#cycle.completion.candidates.length > 1;
    const goesOn = isOpen ? this.#cycle : undefined;
    const cycle = goesOn === undefined ? await this.#begin(step) : turnCycle(goesOn, step);
    this.#cycle = cycle;
    // Emoji are loaded once: something else may be typed by then.
    if (cycle === undefined || this.#draft.state !== before) return;
    this.#draft.change(() => cycle.editor);
    const { candidates } = cycle.completion;
    if (candidates.length > 1)
      this.#notices.say(
        candidates.map((text, at) => (at === cycle.index ? `[${text.trim()}]` : text.trim())).join('  '),
      );
  }

  async #begin(step: 1 | -1): Promise<CompletionCycle | undefined> {
    const editor = this.#draft.state;
    const completion = await this.#completer.complete(editor);
    return completion && beginCycle(editor, completion, step);
  }
}
