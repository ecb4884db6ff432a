import type { JSX } from 'preact';
import type { MessageEntry } from '../../chat/model/entry.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';

const { message: words } = chatTexts.status;

interface MessageActionsProps {
  readonly acting: Acting;
  readonly message: MessageEntry;
}

/** What can be done to a message. Shown beside it while the pointer or the focus is there, or while it is selected. */
export function MessageActions({ acting: { chat, run }, message }: MessageActionsProps): JSX.Element {
  const { answers, own, seq } = message;
  const button = (label: string, work: () => Promise<unknown> | unknown, toInput = false): JSX.Element => (
    <button
      type="button"
      tabIndex={-1}
      onClick={() => {
        run(() => {
          chat.selection.choose(seq);
          return work();
        });
        if (toInput) document.getElementById('input')?.focus();
      }}
    >
      {label}
    </button>
  );
  return (
    <div class="actions" role="toolbar" aria-label={webTexts.page.actions}>
      {button(words.reply, () => chat.reply(), true)}
      {button(words.react, () => chat.react())}
      {button(words.copy, () => chat.copy())}
      {own && button(words.edit, () => chat.edit(), true)}
      {own && button(words.retract, () => chat.retract())}
      {answers !== undefined && button(words['jump-to-answered'], () => chat.selection.toAnswered())}
    </div>
  );
}
