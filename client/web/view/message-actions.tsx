import type { JSX } from 'preact';
import type { Role } from '../../../src/protocol/entities.ts';
import { mayUse } from '../../chat/commands/command-table.ts';
import type { MessageEntry } from '../../chat/model/entry.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';
import { focusInput } from './use-kept-focus.ts';

const { message: words } = chatTexts.status;

interface MessageActionsProps {
  readonly acting: Acting;
  readonly message: MessageEntry;
  readonly isCurrent: boolean;
  readonly role: Role;
}

/**
 * What can be done to a message. Shown beside it while the pointer or the focus is there, or while it is selected. Of the message that
 * the Tab key leads to, the first action is the next stop; arrows go on from there.
 */
export function MessageActions({
  acting: { chat, run },
  isCurrent,
  message,
  role,
}: MessageActionsProps): JSX.Element {
  const { answers, disappeared, edited, own, seq } = message;
  const button = (
    label: string,
    work: () => Promise<unknown> | unknown,
    { isFirst = false, toInput = false } = {},
  ): JSX.Element => (
    <button
      type="button"
      tabIndex={isFirst && isCurrent ? 0 : -1}
      onClick={() => {
        run(() => {
          chat.selection.choose(seq);
          return work();
        });
        if (toInput) focusInput();
      }}
    >
      {label}
    </button>
  );
  if (disappeared)
    return (
      <div class="actions" role="toolbar" aria-label={webTexts.page.actions}>
        {button(words.retract, () => chat.retract(), { isFirst: true })}
      </div>
    );
  return (
    <div class="actions" role="toolbar" aria-label={webTexts.page.actions}>
      {button(words.reply, () => chat.reply(), { isFirst: true, toInput: true })}
      {button(words.react, () => chat.react())}
      {button(words.copy, () => chat.copy())}
      {own && button(words.edit, () => chat.edit(), { toInput: true })}
      {edited && button(words.earlier, () => chat.showEarlier())}
      {own && button(words.retract, () => chat.retract())}
      {!own && mayUse('remove', role) && button(words.remove, () => chat.remove())}
      {answers !== undefined && button(words['jump-to-answered'], () => chat.selection.toAnswered())}
    </div>
  );
}
