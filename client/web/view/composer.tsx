import { Component, createRef, type JSX } from 'preact';
import type { Completion } from '../../chat/commands/complete.ts';
import { answered } from '../../chat/model/actions.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { messageAt } from '../../chat/model/selection.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';
import { focusInput, focusNewest } from './use-kept-focus.ts';

const { page: texts } = webTexts;
const LIST = 'completions';

interface ComposerProps {
  readonly acting: Acting;
  readonly room: RoomModel | undefined;
}

interface Offer {
  /** It is for this text and no other. */
  readonly text: string;
  readonly completion: Completion;
  readonly selected: number;
}

/** Where one writes. Everything that the terminal can do works here by its /command. */
export class Composer extends Component<ComposerProps, { readonly offer: Offer | undefined }> {
  override state: { readonly offer: Offer | undefined } = { offer: undefined };
  readonly #input = createRef<HTMLTextAreaElement>();
  #isPostponed = false;

  override componentDidMount(): void {
    this.#fit();
    // On a screen for fingers or a pen the keyboard would cover what somebody came to read; and whoever is elsewhere meanwhile stays there.
    const { activeElement, body } = document;
    const isFree = activeElement === null || activeElement === body || activeElement.closest('nav') !== null;
    if (isFree && matchMedia('(hover: hover), (pointer: none)').matches) this.#input.current?.focus();
  }

  override componentDidUpdate(): void {
    this.#fit();
    const { isPostponed } = this.props.acting.chat.input;
    if (isPostponed && !this.#isPostponed) this.#input.current?.select();
    this.#isPostponed = isPostponed;
  }

  override render({ acting, room }: ComposerProps): JSX.Element {
    const offer = this.#offered;
    const text = this.#text;
    const label = room === undefined ? texts.write_nowhere : texts.write(room.name);
    return (
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          this.#submit();
        }}
      >
        <Intent room={room} chat={acting.chat} />
        {offer !== undefined && <Offered offer={offer} take={(taken) => this.#take(taken)} />}
        <textarea
          id="input"
          ref={this.#input}
          rows={1}
          dir="auto"
          aria-label={label}
          placeholder={label}
          aria-autocomplete="list"
          aria-controls={offer === undefined ? undefined : LIST}
          aria-activedescendant={offer === undefined ? undefined : `${LIST}-${offer.selected}`}
          value={text}
          onInput={(event) => this.#typed(event.currentTarget)}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])];
            if (files.length === 0) return;
            event.preventDefault();
            acting.sendFiles(files);
          }}
          onKeyDown={(event) => this.#press(event)}
        />
        {room !== undefined && <Attach acting={acting} />}
        <button type="submit" class="main" disabled={text.trim() === ''}>
          {texts.send}
        </button>
      </form>
    );
  }

  #fit(): void {
    const field = this.#input.current;
    if (field === null) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }

  #typed(field: HTMLTextAreaElement): void {
    const { application, chat, run } = this.props.acting;
    application.notices.read('while-reading');
    chat.input.change(field.value);
    const written = { text: field.value, cursor: field.selectionStart };
    run(async () => {
      const completion = isMeant(written.text.slice(0, written.cursor))
        ? await chat.completer.complete(written)
        : undefined;
      // What was typed since has asked for its own, which may be there already.
      if (written.text === this.#text)
        this.#offer(completion && { text: written.text, completion, selected: 0 });
    });
  }

  /** As it is now: the model that was drawn may be a frame behind, and would take back what was typed since. */
  get #text(): string {
    return this.props.acting.chat.input.text;
  }

  /** Undefined: there is none for what is typed by now. */
  get #offered(): Offer | undefined {
    const { offer } = this.state;
    return offer?.text === this.#text ? offer : undefined;
  }

  #offer(offer: Offer | undefined): void {
    if (offer !== this.state.offer) this.setState({ offer });
  }

  #take({ completion: { candidates, end, start }, selected }: Offer): void {
    const field = this.#input.current;
    this.#offer(undefined);
    if (field === null) return;
    field.setRangeText(candidates[selected] ?? '', start, end, 'end');
    this.props.acting.chat.input.change(field.value);
    field.focus();
  }

  #submit(): void {
    const { application, chat, run } = this.props.acting;
    this.#offer(undefined);
    application.notices.read('while-reading', 'while-editing');
    run(() => chat.submit());
  }

  #press(event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>): void {
    if (event.isComposing) return;
    const offer = this.#offered;
    const isTaken = offer === undefined ? this.#keyOfInput(event) : this.#keyOfOffer(event, offer);
    if (isTaken) event.preventDefault();
  }

  /** Whether the key was for the list of completions, or for what it stands above. */
  #keyOfOffer(event: KeyboardEvent, offer: Offer): boolean {
    const { length } = offer.completion.candidates;
    const isDown = event.key === 'ArrowDown';
    if (isDown || event.key === 'ArrowUp')
      this.#offer({ ...offer, selected: (offer.selected + (isDown ? 1 : -1) + length) % length });
    else if (event.key === 'Escape') this.#offer(undefined);
    else if (event.key === 'Tab') this.#take(offer);
    else if (event.key === 'Enter' && !isWhole(offer)) this.#take(offer);
    else return this.#keyOfInput(event);
    return true;
  }

  #keyOfInput({ key, shiftKey }: KeyboardEvent): boolean {
    if (key === 'Enter' && !shiftKey) this.#submit();
    else if (key === 'ArrowUp' && this.#text === '') focusNewest();
    else return false;
    return true;
  }
}

function Attach({ acting }: { readonly acting: Acting }): JSX.Element {
  return (
    <label class="attach" title={texts.attach}>
      <span aria-hidden="true">+</span>
      <input
        type="file"
        multiple
        aria-label={texts.attach}
        onChange={(event) => {
          // What comes next is written; the question about the files gives the focus back to where it was.
          focusInput();
          acting.sendFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </label>
  );
}

function Offered({ offer, take }: { readonly offer: Offer; take(offer: Offer): void }): JSX.Element {
  return (
    <div id={LIST} role="listbox" aria-label={texts.completions} class="items">
      {offer.completion.candidates.map((candidate, at) => (
        <div
          key={candidate}
          id={`${LIST}-${at}`}
          role="option"
          tabIndex={-1}
          aria-selected={at === offer.selected}
          onClick={() => take({ ...offer, selected: at })}
          onKeyDown={(event) => event.key === 'Enter' && take({ ...offer, selected: at })}
        >
          {candidate.trim()}
        </div>
      ))}
    </div>
  );
}

/** Names without a sign are completed in commands only: in a sentence each word might be one. */
function isMeant(before: string): boolean {
  return /^\/[^/]/.test(before) || before === '/' || /(^|\s)[@#:]\S+$/u.test(before);
}

/** Nothing is left to complete: Enter sends. */
function isWhole({ completion: { candidates, end, start }, selected, text }: Offer): boolean {
  return text.slice(start, end) === candidates[selected]?.trimEnd();
}

/** What the text becomes, when it is no message of its own. */
function Intent({
  chat,
  room,
}: {
  readonly chat: Acting['chat'];
  readonly room: RoomModel | undefined;
}): JSX.Element | null {
  if (room?.intent === undefined) return null;
  const entry = messageAt(room, room.intent.seq);
  const quoted = entry && answered(entry.id, entry);
  const text = visibleLine(quoted?.text ?? '');
  return (
    <p class="intent" dir="auto">
      <span>
        {room.intent.kind === 'edit' ? texts.editing(text) : texts.answering(quoted?.from ?? '', text)}
      </span>
      <button type="button" class="quiet" onClick={() => void chat.selection.forgetIntent()}>
        {texts.cancel}
      </button>
    </p>
  );
}
