import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Dialogs } from '../../chat/dialogs.ts';
import type {
  ConfirmDialog,
  Dialog,
  PageDialog,
  PickerDialog,
  PromptDialog,
} from '../../chat/model/dialog.ts';
import { matchingItems } from '../../chat/model/picker.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { webTexts } from '../../texts/web-texts.ts';

const { page: texts } = webTexts;
const QUIET_MODULES = 4;

interface DialogProps<D extends Dialog> {
  readonly dialog: D;
  readonly dialogs: Dialogs;
}

/** A question, a list or a text in front of everything else. */
export function DialogBox({ dialog, dialogs }: DialogProps<Dialog>): JSX.Element {
  return (
    <Modal title={visibleLine(dialog.title)} dismiss={() => dialogs.dismiss()}>
      <Body dialog={dialog} dialogs={dialogs} />
    </Modal>
  );
}

interface ModalProps {
  readonly title: string;
  readonly name?: string;
  readonly children: ComponentChildren;
  dismiss(): void;
}

/** The browser keeps the focus in it, and gives it back after it. */
export function Modal({ title, name, children, dismiss }: ModalProps): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const shown = box.current;
    if (shown?.open === false) shown.showModal();
    shown?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={box}
      class={name}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        dismiss();
      }}
    >
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

function Body({ dialog, dialogs }: DialogProps<Dialog>): JSX.Element {
  switch (dialog.kind) {
    case 'prompt':
      return <Prompt dialog={dialog} dialogs={dialogs} />;
    case 'confirm':
      return <Confirm dialog={dialog} dialogs={dialogs} />;
    case 'picker':
      return <Picker dialog={dialog} dialogs={dialogs} />;
    case 'page':
      return <Page dialog={dialog} dialogs={dialogs} />;
    case 'wait':
      return (
        <>
          <Lines lines={dialog.about} />
          {dialog.code !== undefined && <Code text={dialog.code} />}
          <progress aria-label={dialog.title} />
          <Buttons>
            <button type="button" onClick={() => dialogs.dismiss()}>
              {texts.cancel}
            </button>
          </Buttons>
        </>
      );
    default:
      return dialog satisfies never;
  }
}

const leavingWords = { cancel: texts.cancel, back: texts.back, quit: texts.quit } as const;

function Prompt({ dialog, dialogs }: DialogProps<PromptDialog>): JSX.Element {
  const { about, leaving, masked, remark, text, title } = dialog;
  const remarkId = useId();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        dialogs.accept();
      }}
    >
      <Lines lines={about} />
      <input
        data-first
        type={masked ? 'password' : 'text'}
        aria-label={title}
        aria-describedby={remarkId}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => dialogs.type(event.currentTarget.value)}
      />
      <p id={remarkId} role="status" class="remark">
        {remark === undefined ? '' : visibleLine(remark)}
      </p>
      <Buttons>
        <button type="submit" class="main">
          {leaving === 'cancel' ? texts.ok : texts.next}
        </button>
        <button type="button" onClick={() => dialogs.dismiss()}>
          {leavingWords[leaving]}
        </button>
      </Buttons>
    </form>
  );
}

/** The answer that changes nothing has the focus: a key that was meant for what was there before does no harm. */
function Confirm({ dialog, dialogs }: DialogProps<ConfirmDialog>): JSX.Element {
  return (
    <>
      <Lines lines={dialog.about} />
      <Buttons>
        <button type="button" onClick={() => dialogs.agree()}>
          {dialog.yes}
        </button>
        <button data-first type="button" class="main" onClick={() => dialogs.dismiss()}>
          {texts.no}
        </button>
      </Buttons>
    </>
  );
}

function Picker({ dialog, dialogs }: DialogProps<PickerDialog>): JSX.Element {
  const list = useId();
  const items = matchingItems(dialog);
  const shown = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => shown.current?.scrollIntoView({ block: 'nearest' }));
  const chosen = items[dialog.selected];
  const keys: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  return (
    <>
      <input
        data-first
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen === undefined ? undefined : `${list}-${dialog.selected}`}
        aria-label={texts.search}
        autocomplete="off"
        spellcheck={false}
        value={dialog.query}
        onInput={(event) => dialogs.type(event.currentTarget.value)}
        onKeyDown={(event) => {
          const step = keys[event.key];
          if (step !== undefined) dialogs.select(step);
          else if (event.key === 'Enter') dialogs.accept();
          else return;
          event.preventDefault();
        }}
      />
      <div id={list} role="listbox" aria-label={dialog.title} class="items">
        {items.map((item, at) => (
          <div
            key={item.id}
            id={`${list}-${at}`}
            ref={at === dialog.selected ? shown : null}
            role="option"
            tabIndex={-1}
            aria-selected={at === dialog.selected}
            onClick={() => dialogs.choose(item.id)}
            onKeyDown={(event) => event.key === 'Enter' && dialogs.choose(item.id)}
          >
            <bdi>{visibleLine(item.label)}</bdi>
            <span class={dialog.excerpts ? 'detail excerpt' : 'detail'} dir="auto">
              {visibleLine(item.detail)}
            </span>
          </div>
        ))}
      </div>
      {items.length === 0 && <p role="status">{dialog.nothing}</p>}
      <Buttons>
        <button type="button" onClick={() => dialogs.dismiss()}>
          {texts.close}
        </button>
      </Buttons>
    </>
  );
}

function Page({ dialog, dialogs }: DialogProps<PageDialog>): JSX.Element {
  return (
    <>
      <div class="text" tabIndex={0}>
        <Lines lines={dialog.lines} />
        {dialog.code !== undefined && <Code text={dialog.code} />}
      </div>
      <Buttons>
        {dialog.choices.map(({ id, label }) => (
          <button
            type="button"
            key={id}
            class={dialog.leaving === undefined ? '' : 'main'}
            onClick={() => dialogs.choose(id)}
          >
            {label}
          </button>
        ))}
        <button
          type="button"
          class={dialog.leaving === undefined ? 'main' : ''}
          onClick={() => dialogs.accept()}
        >
          {dialog.leaving ?? texts.close}
        </button>
      </Buttons>
    </>
  );
}

/** Each line in its own direction. */
function Lines({ lines }: { readonly lines: readonly string[] }): JSX.Element | null {
  return lines.length === 0 ? null : <p class="lines">{lines.map(visibleLine).join('\n')}</p>;
}

export function Buttons({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <div class="buttons">{children}</div>;
}

/** Black on white in either theme: that is what cameras read. What draws it is loaded for the first one. */
function Code({ text }: { readonly text: string }): JSX.Element {
  const [{ data, size }, draw] = useState<Squares>({ data: [], size: 1 });
  useEffect(() => {
    // Without it, the code can still be read and typed.
    import('uqr').then(
      ({ encode }) => draw(encode(text, { ecc: 'M', border: QUIET_MODULES })),
      () => undefined,
    );
  }, [text]);
  const squares = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')));
  return (
    <svg class="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={texts.code}>
      <path d={squares.join('')} />
    </svg>
  );
}

interface Squares {
  readonly data: readonly (readonly boolean[])[];
  readonly size: number;
}
