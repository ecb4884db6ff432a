import { chatTexts } from '../../texts/chat-texts.ts';
import { lifeText } from '../../texts/message-life.ts';
import { texts } from '../../texts/texts.ts';
import { clockTime, dayName, dayNumber } from './dates.ts';
import { type Answered, type Ignored, isIgnored, type MessageEntry, removedText } from './entry.ts';
import type { FileState, ShownFile } from './entry-file.ts';

/** What both faces say of entries. Words of others are in it as they came: a face makes them visible. */

const { timeline } = chatTexts;

const ACTION = '/me ';

/** What follows `/me`, as people write what they do; undefined: it is no such text. */
export function actionOf(text: string): string | undefined {
  return text.startsWith(ACTION) ? text.slice(ACTION.length) : undefined;
}

/** The line above an answer. Nothing is quoted of somebody whose messages are hidden. */
export function quotedLine({ disappeared = false, from, text }: Answered, ignored: Ignored): string {
  if (from === undefined) return timeline.answers(timeline.answers_unknown);
  if (disappeared) return timeline.answers(timeline.answers_disappeared(from));
  if (text === undefined) return timeline.answers(timeline.answers_gone(from));
  const quoted = isIgnored(from, ignored)
    ? timeline.answers_ignored(from)
    : timeline.answers_text(from, text);
  return timeline.answers(quoted);
}

/** That it disappears, and when; empty for what stays. */
export function passingText({ expires }: MessageEntry): readonly string[] {
  return expires === undefined ? [] : [timeline.disappears(lifeText(expires))];
}

/** In the place of a text that was taken back or removed, or is over; undefined: the text itself is shown. */
export function insteadOfText({ disappeared, removed, retracted }: MessageEntry): string | undefined {
  if (retracted) return timeline.retracted;
  if (disappeared) return timeline.disappeared;
  return removed && timeline.removed(removedText(removed));
}

/** When its sender wrote a message that came at another time. */
export function writtenText(sentAt: number, at: number): string {
  const time = clockTime(sentAt);
  const isSameDay = dayNumber(sentAt) === dayNumber(at);
  return timeline.written(isSameDay ? time : timeline.written_day(dayName(sentAt), time));
}

/** The size of a file, and of a picture its width and height. */
export function fileSizes({ size, width, height }: ShownFile): readonly string[] {
  const pixels = width === undefined || height === undefined ? [] : [timeline.pixels(width, height)];
  return [texts.words.size(size), ...pixels];
}

export function fileStateText(state: FileState): string {
  switch (state.kind) {
    case 'reading':
    case 'sending':
    case 'receiving':
      return timeline.transfers[state.kind](state.percent);
    case 'saved':
      return timeline.saved(state.place);
    case 'opened':
    case 'gone':
    case 'altered':
      return timeline.file_states[state.kind];
    default:
      return state satisfies never;
  }
}

/** How much of a file that is on its way has come or gone, in percent; undefined: it is not on its way. */
export function percentMoved(state: FileState | undefined): number | undefined {
  return state !== undefined && 'percent' in state ? state.percent : undefined;
}
