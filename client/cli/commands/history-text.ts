import type { UserId } from '../../../src/protocol/ids.ts';
import type { RemoveAction, TimelineMessage } from '../../sdk/rooms/timeline.ts';
import { visibleLine, visibleText } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { fileText } from '../files/file-line.ts';
import { localTime } from '../output.ts';
import { lasting } from './room-lines.ts';

const INDENT = ' '.repeat(21);

/** How a message looks that was read with everything that was done to it. */
export interface HistoryFormat {
  readonly before: string;
  readonly after: string;
  message(shown: TimelineMessage, nameOf: (user: UserId) => string): string;
  /** Where the numbering of a sender has a gap. */
  gap(said: string): string;
}

/** As `tail` prints messages. */
export class HistoryText implements HistoryFormat {
  readonly before = '';
  readonly after = '';

  message(shown: TimelineMessage, nameOf: (user: UserId) => string): string {
    const { at, from } = shown.message;
    const removed = shown.removal === undefined ? [] : [removedBy(shown.removal)];
    const remarks = [...removed, ...remarksOn(shown)].map((remark) => ` [${remark}]`);
    const reactions = reactionsTo(shown, nameOf).map((reaction) => `\n${INDENT}${reaction}`);
    const text = [textOf(shown), ...filesOf(shown)].join('\n').replaceAll('\n', `\n${INDENT}`);
    return `${localTime(at)}  ${from}: ${text}${remarks.join('')}${reactions.join('')}\n`;
  }

  gap(said: string): string {
    return `${' '.repeat(20)}${said}\n`;
  }
}

/** What a message says, or why it says nothing. Line ends are the only controls in it. */
export function textOf({ message, wording, isRetracted, hasDisappeared }: TimelineMessage): string {
  if (hasDisappeared) return cliTexts.said.disappeared;
  if (isRetracted) return cliTexts.said.was_retracted;
  if (message.status === 'ok') return visibleText(wording.text ?? '');
  const reason = visibleLine(message.reason ?? cliTexts.said.no_reason);
  return `[${texts.words.status[message.status]}: ${reason}]`;
}

export function filesOf({ wording: { files = [] } }: TimelineMessage): readonly string[] {
  return files.map(fileText);
}

/** What is to be known of a message besides its text: that it was edited, when it was written, what is wrong with it; not its removal. */
export function remarksOn({ message, edit, wording }: TimelineMessage): readonly string[] {
  const { sentAt, marks = [], trust } = message;
  const { expires } = wording;
  return [
    ...(expires === undefined ? [] : [lasting(expires)]),
    ...(edit === undefined ? [] : [filled(cliTexts.said.edited_at, { time: localTime(edit.at) })]),
    ...(sentAt === undefined ? [] : [filled(cliTexts.said.written_at, { time: localTime(sentAt) })]),
    ...marks.map((mark) => texts.words.mark[mark]),
    ...(trust === 'changed' ? [texts.words.trust[trust]] : []),
  ];
}

/** Readers may look at what was removed; that the remover might do that is what the server says. */
export function removedBy({ from, why }: RemoveAction): string {
  return filled(cliTexts.said.removed_by, {
    user: from,
    why: why === undefined ? '' : `: ${visibleLine(why)}`,
  });
}

export function reactionsTo({ reactions }: TimelineMessage, nameOf: (user: UserId) => string): string[] {
  return reactions.map(({ emoji, users }) => `${visibleLine(emoji)} ${users.map(nameOf).join(', ')}`);
}
