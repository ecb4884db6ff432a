import { utf8 } from '../../../src/protocol/bytes.ts';
import type { MessageId } from '../../../src/protocol/ids.ts';
import {
  type Content,
  encodeContent,
  type MessageBody,
  type SentContent,
} from '../../../src/protocol/layouts/content.ts';
import {
  EXPIRES_MAX,
  EXPIRES_MIN,
  FILES_MAX,
  MENTIONS_MAX,
  REACTION_BYTES_MAX,
  TEXT_BYTES_MAX,
  WHY_CHARS_MAX,
} from '../../../src/protocol/limits.ts';
import { filled } from '../../texts/filled.ts';
import { isLife, lifeText } from '../../texts/message-life.ts';
import { texts } from '../../texts/texts.ts';
import { localError } from '../errors.ts';
import type { MessageAction, ShownMessage } from './room-events.ts';
import type { Wording } from './timeline.ts';

type Own<T, Shared extends PropertyKey> = T extends unknown ? Omit<T, Shared> : never;
type Shared = Exclude<
  keyof ShownMessage,
  'type' | 'status' | 'text' | 're' | 'mentions' | 'files' | 'expires' | 'disappeared' | 'reason'
>;
interface Loose {
  readonly re?: MessageId | undefined;
  readonly mentions?: MessageBody['mentions'] | undefined;
  readonly files?: MessageBody['files'] | undefined;
  readonly expires?: number | undefined;
}

/** In the place of seconds: the message stays. */
const STAYS = 0;

type MessageOrEdit = Extract<SentContent, { readonly type: 'message' | 'edit' }>;

/** What of a message depends on its content. */
export type ContentFields = Own<ShownMessage | MessageAction, Shared>;

export function shownContent(content: Content): ContentFields {
  switch (content.type) {
    case 'text':
    case 'message':
      return { type: 'message', status: 'ok', ...saidBy(content) };
    case 'unknown':
      return { type: 'message', status: 'ok', text: content.fallback ?? texts.fallbacks.unknown_kind };
    case 'edit':
      return { type: 'edit', of: content.of, ...saidBy(content.body) };
    case 'retract':
      return { type: 'retract', of: content.of };
    case 'react':
      return { type: 'react', of: content.of, emoji: content.emoji, add: content.add };
    case 'remove':
      return { type: 'remove', of: content.of, ...whyOf(content.why) };
    default:
      return content satisfies never;
  }
}

/** Content with a text that is to be forgotten, and nothing else in it: what emptiedContent() left. */
function saidBy(body: { readonly text: string } & Loose): MessageBody & { readonly disappeared?: true } {
  const { expires, text, files = [] } = body;
  if (expires !== undefined && text === '' && files.length === 0) return { text, expires, disappeared: true };
  return bodyOf(body);
}

/** Seconds after which a reader's client forgets it. */
export function expiresOf(content: Content): number | undefined {
  if (content.type === 'edit') return content.body.expires;
  return content.type === 'message' ? content.expires : undefined;
}

/** What is left of a message or an edit that has disappeared. */
export function emptiedContent(content: Content): SentContent {
  const body = { text: '', expires: expiresOf(content) ?? EXPIRES_MIN };
  return content.type === 'edit' ? { type: 'edit', of: content.of, body } : { type: 'message', ...body };
}

function bodyOf({ text, re, mentions, files, expires }: { readonly text: string } & Loose): MessageBody {
  return {
    text,
    ...(re === undefined ? {} : { re }),
    ...(mentions === undefined || mentions.length === 0 ? {} : { mentions }),
    ...(files === undefined || files.length === 0 ? {} : { files }),
    ...(expires === undefined || expires === STAYS ? {} : { expires }),
  };
}

/** What clients that don't know edits show of one; a longer text is cut. */
const EDIT_SHOWN_CHARS = 200;

/** A plain text where that is enough: released clients read no other kind. Throws ConclaveError. */
export function textContent(
  text: string,
  { re, mentions = [], files = [], expires }: Omit<Wording, 'text'>,
): SentContent {
  if (text !== '' || files.length === 0) checkText(text);
  if (files.length > FILES_MAX) throw localError('too_large', 'files_too_many', { count: FILES_MAX });
  if (mentions.length > MENTIONS_MAX)
    throw localError('too_large', 'mentions_too_many', { count: MENTIONS_MAX });
  if (expires !== undefined && expires !== STAYS && !isLife(expires))
    throw localError('usage', 'bad_life', { least: lifeText(EXPIRES_MIN), most: lifeText(EXPIRES_MAX) });
  const stays = expires === undefined || expires === STAYS;
  const isPlain = re === undefined && mentions.length === 0 && files.length === 0 && stays;
  if (isPlain) return { type: 'text', text };
  return fitting({ type: 'message', ...bodyOf({ text, re, mentions, files, expires }) });
}

/** A message that says nothing of its own, with the life that its room gives it; 0: it stays. */
export function withLife(content: SentContent, seconds: number): SentContent {
  if (seconds === STAYS) return content;
  if (content.type === 'text') return { type: 'message', text: content.text, expires: seconds };
  return content.type === 'message' ? fitting({ ...content, expires: seconds }) : content;
}

export function editContent(of: MessageId, text: string, wording: Omit<Wording, 'text'>): SentContent {
  textContent(text, wording);
  const fallback = filled(texts.fallbacks.edited, { text: [...text].slice(0, EDIT_SHOWN_CHARS).join('') });
  return fitting({ type: 'edit', of, body: bodyOf({ text, ...wording }), fallback });
}

/** Files take room that the text has not; where that is too little, they go without their thumbnails. */
function fitting(content: MessageOrEdit): SentContent {
  if (fits(content)) return content;
  const smaller =
    content.type === 'edit'
      ? { ...content, body: withoutThumbnails(content.body) }
      : withoutThumbnails(content);
  if (fits(smaller)) return smaller;
  throw localError('too_large', 'message_too_large');
}

function fits(content: SentContent): boolean {
  try {
    encodeContent(content);
    return true;
  } catch {
    return false;
  }
}

function withoutThumbnails<Body extends MessageBody>(body: Body): Body {
  if (body.files === undefined) return body;
  return { ...body, files: body.files.map(({ thumbnail: _thumbnail, ...file }) => file) };
}

export function retractContent(of: MessageId): SentContent {
  return { type: 'retract', of, fallback: texts.fallbacks.retracted };
}

export function reactContent(of: MessageId, emoji: string, add: boolean): SentContent {
  if (!isReaction(emoji)) throw localError('usage', 'bad_reaction', { given: emoji });
  const fallback = filled(texts.fallbacks[add ? 'reacted' : 'took_reaction'], { emoji });
  return { type: 'react', of, emoji, add, fallback };
}

export function removeContent(of: MessageId, why: string | undefined): SentContent {
  return { type: 'remove', of, ...checkedWhy(why), fallback: texts.fallbacks.removed };
}

/** Why somebody did something to others, in their words. Throws ConclaveError. */
export function checkedWhy(why: string | undefined): { readonly why?: string } {
  const { length } = why ?? '';
  if (length > WHY_CHARS_MAX) throw localError('usage', 'why_too_long', { count: WHY_CHARS_MAX });
  return whyOf(why);
}

function whyOf(why: string | undefined): { readonly why?: string } {
  return why === undefined || why === '' ? {} : { why };
}

/** One emoji, or another sign that is drawn as one and is no letter. */
export function isReaction(emoji: string): boolean {
  const [first, second] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    emoji.slice(0, REACTION_BYTES_MAX + 1),
  );
  return (
    first !== undefined &&
    second === undefined &&
    utf8(emoji).length <= REACTION_BYTES_MAX &&
    !/[\p{Cc}\p{Z}\p{L}\p{Cs}]/u.test(emoji)
  );
}

function checkText(text: string): void {
  const textBytes = utf8(text).length;
  if (textBytes === 0) throw localError('usage', 'no_text');
  if (textBytes > TEXT_BYTES_MAX) throw localError('too_large', 'text_too_long', { size: TEXT_BYTES_MAX });
  if (/\p{Cs}/u.test(text)) throw localError('usage', 'text_not_unicode');
}
