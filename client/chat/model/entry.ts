import type { MessageId, UserId } from '../../../src/protocol/ids.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { Trust } from '../../sdk/people/trust-level.ts';
import type { MessageMark, MessageStatus, RoomMessage } from '../../sdk/rooms/room-events.ts';

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
  readonly trust: Trust;
  readonly text: string;
  readonly reason: string | undefined;
  readonly marks: readonly MessageMark[];
  readonly own: boolean;
  readonly mention: boolean;
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

/** Who reads: decides what is one's own and what is a mention. */
export interface ReaderName {
  readonly id: UserId;
  readonly user: UserName;
}

export function entryOf(message: RoomMessage, reader: ReaderName): Entry {
  if (message.type === 'gap')
    return { kind: 'gap', seq: message.seq, from: message.from, missing: message.missing };
  const { seq, id, from, user, at, sentAt, status, trust, text = '', reason, marks = [] } = message;
  const own = user === reader.id;
  const mention = !own && status === 'ok' && mentions(text, reader.user);
  const said = { status, trust, text, reason, marks };
  return { kind: 'message', seq, id, from, user, at, sentAt, ...said, own, mention };
}

/** The name as a word of its own, in any case. Names are ASCII letters and digits. */
export function mentions(text: string, name: UserName): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${name}(?![\\p{L}\\p{N}])`, 'iu').test(text);
}
