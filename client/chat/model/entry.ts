import type { Role } from '../../../src/protocol/entities.ts';
import type { MessageId, UserId } from '../../../src/protocol/ids.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import { type Trust, worseTrust } from '../../sdk/people/trust-level.ts';
import type {
  MessageAction,
  MessageGap,
  MessageMark,
  MessageStatus,
  ShownMessage,
} from '../../sdk/rooms/room-events.ts';
import { applied, type Wording } from '../../sdk/rooms/timeline.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { texts } from '../../texts/texts.ts';
import { type EntryFile, entryFile, type ShownFile } from './entry-file.ts';

/** One thing in a timeline. Entries never change: what changes is another entry, so what was drawn of one is kept. */
export type Entry = MessageEntry | GapEntry | EventEntry;

export interface MessageEntry {
  readonly kind: 'message';
  readonly seq: number;
  readonly id: MessageId;
  readonly from: UserName;
  readonly user: UserId;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** When its sender wrote it; undefined when that is about the same. */
  readonly sentAt: number | undefined;
  readonly status: MessageStatus;
  /** The worse one of its own and that of the edit which gave it this text; so are the marks those of both. */
  readonly trust: Trust;
  /** What it says now; empty once it was retracted. */
  readonly text: string;
  /** Those that it carries now. */
  readonly files?: readonly EntryFile[];
  readonly reason: string | undefined;
  readonly marks: readonly MessageMark[];
  readonly own: boolean;
  readonly mention: boolean;
  readonly answers: Answered | undefined;
  readonly edited: boolean;
  readonly retracted: boolean;
  /** It was shown for as long as it may be: all else is as if it was retracted. */
  readonly disappeared: boolean;
  /** Seconds for which it is shown; undefined: it stays, or is over. */
  readonly expires: number | undefined;
  /** By the owner or a moderator, as the server says; undefined: it was not, or was retracted too. Its text is folded up. */
  readonly removed: Removal | undefined;
  readonly reactions: readonly ReactionCount[];
  /** As it came, for what is done to it later; without its text once it was retracted or has disappeared. */
  readonly message: ShownMessage;
}

export interface Removal {
  readonly by: UserName;
  readonly role: Role;
  readonly why: string | undefined;
}

/** The message that another one answers, as far as it is loaded. */
export interface Answered {
  readonly id: MessageId;
  /** Undefined: it is not loaded, or can't be read. */
  readonly from: UserName | undefined;
  /** Its first words, on one line; undefined also once it was retracted, was removed or has disappeared. */
  readonly text: string | undefined;
  readonly disappeared?: boolean;
}

export interface ReactionCount {
  readonly emoji: string;
  /** Of everybody, also of those whose messages are hidden. */
  readonly count: number;
  readonly from: readonly UserName[];
  /** One of them is by whoever reads. */
  readonly own: boolean;
}

/** Messages of a sender that should stand here and do not. */
export interface GapEntry {
  readonly kind: 'gap';
  readonly seq: number;
  readonly from: UserName;
  readonly missing: number;
}

export type Tone = 'info' | 'warning';

/** What happened in the room besides messages; it stands where it was heard. */
export interface EventEntry {
  readonly kind: 'event';
  readonly at: number;
  readonly text: string;
  readonly tone: Tone;
}

/** A message of one's own from the moment it is sent until it comes back as one of the room. */
export interface Echo {
  readonly key: number;
  readonly id: MessageId | undefined;
  readonly from: UserName;
  readonly text: string;
  readonly answers: Answered | undefined;
  readonly files?: readonly ShownFile[];
  readonly at: number;
  readonly state: 'pending' | 'sent' | 'failed';
  /** Why it failed, for people. */
  readonly reason: string | undefined;
}

/** Folded names of people whose messages are hidden. */
export type Ignored = ReadonlySet<string>;

/** Whether somebody's messages are hidden: then they are neither unread nor a mention. */
export function isIgnored(from: UserName, ignored: Ignored): boolean {
  return ignored.size > 0 && ignored.has(foldName(from));
}

/** Whether it is there to be read: written by somebody else whose messages are not hidden, and neither retracted nor over. */
export function isToRead(entry: Entry, ignored: Ignored): entry is MessageEntry {
  if (entry.kind !== 'message' || entry.own || entry.retracted || entry.disappeared) return false;
  return !isIgnored(entry.from, ignored);
}

/** Without those of people whose messages are hidden. */
export function shownReactions(
  reactions: readonly ReactionCount[],
  ignored: Ignored,
): readonly ReactionCount[] {
  return reactions.flatMap((reaction) => {
    const hidden = reaction.from.filter((name) => isIgnored(name, ignored)).length;
    return reaction.count > hidden ? [{ ...reaction, count: reaction.count - hidden }] : [];
  });
}

/** Who reads: decides what is one's own and what is a mention. */
export interface ReaderName {
  readonly id: UserId;
  readonly user: UserName;
}

export function entryOf(message: ShownMessage | MessageGap, reader: ReaderName): MessageEntry | GapEntry {
  if (message.type === 'gap')
    return { kind: 'gap', seq: message.seq, from: message.from, missing: message.missing };
  return messageEntry(message, [], reader);
}

/** A message with what was done to it. Whom it answers is not known from it alone. */
export function messageEntry(
  message: ShownMessage,
  actions: readonly MessageAction[],
  reader: ReaderName,
): MessageEntry {
  const { wording, edit, reactions, isRetracted, hasDisappeared, removal } = applied(message, actions);
  const { seq, id, from, user, at, sentAt, status, reason } = message;
  const own = user === reader.id;
  const names = new Map(actions.map((action) => [action.user, action.from]));
  const isOver = isRetracted || hasDisappeared;
  return {
    ...{ kind: 'message', seq, id, from, user, at, sentAt, status, reason, own },
    trust: edit === undefined ? message.trust : worseTrust(message.trust, edit.trust),
    marks: [...new Set([...(message.marks ?? []), ...(edit?.marks ?? [])])],
    text: wording.text ?? '',
    ...(wording.files !== undefined && { files: wording.files.map(entryFile) }),
    mention: !own && status === 'ok' && removal === undefined && isMention(wording, reader),
    answers: wording.re === undefined ? undefined : { id: wording.re, from: undefined, text: undefined },
    edited: edit !== undefined,
    retracted: isRetracted,
    disappeared: hasDisappeared,
    expires: isOver ? undefined : (message.expires ?? wording.expires),
    removed: removal?.role && { by: removal.from, role: removal.role, why: removal.why },
    reactions: reactions.map(({ emoji, users }) => ({
      ...{ emoji, count: users.length, own: users.includes(reader.id) },
      from: users.flatMap((each) => names.get(each) ?? []),
    })),
    message: isOver ? withoutText(message, hasDisappeared) : message,
  };
}

/** What is kept of a message that says nothing any more. */
export function withoutText(message: ShownMessage, disappeared: boolean): ShownMessage {
  const { text: _text, re: _re, mentions: _mentions, files: _files, ...rest } = message;
  return disappeared ? { ...rest, disappeared } : rest;
}

/** Senders choose ids: alone, one names no message. */
export type MessageRef = Pick<MessageEntry, 'id' | 'user'>;

/** One for each message of a room, also in lists of those that were found. */
export function refKey({ id, user }: MessageRef): string {
  return `${user}.${id}`;
}

/** Whether there is still something to read, to answer or to react to. */
export function saysSomething({ disappeared, retracted, status }: MessageEntry): boolean {
  return status === 'ok' && !retracted && !disappeared;
}

/** Roles are the server's word. */
export function removedText({ by, role, why }: Removal): string {
  return chatTexts.messages.removed_by(by, texts.words.role[role], why);
}

/** By id, or the name in the text. */
export function isMention({ text = '', mentions: ids = [] }: Wording, { id, user }: ReaderName): boolean {
  return ids.includes(id) || mentions(text, user);
}

/** The name as a word of its own, in any case. Names are ASCII letters and digits. */
export function mentions(text: string, name: UserName): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${name}(?![\\p{L}\\p{N}])`, 'iu').test(text);
}
