import type { MessageId } from '../../../src/protocol/ids.ts';
import type { MessageAction, RoomMessage } from '../../sdk/rooms/room-events.ts';
import {
  type Answered,
  type Echo,
  type Entry,
  type MessageEntry,
  type MessageRef,
  messageEntry,
  type ReaderName,
  refKey,
  saysSomething,
  withoutText,
} from './entry.ts';
import { knownFiles } from './entry-file.ts';
import { withActions } from './known-actions.ts';
import type { Timeline } from './timeline.ts';

/** First words of a message, in code points; a row holds fewer. */
const EXCERPT_CHARS_MAX = 200;

/** Whether anything of what came live is done to a message, or was, or answers one. */
export function needsApplying({ actions }: Timeline, came: readonly RoomMessage[]): boolean {
  return came.some((message) => {
    if (message.type === 'gap') return false;
    return message.type !== 'message' || message.re !== undefined || actions.has(message.id);
  });
}

/**
 * The timeline after its entries took in what came: what was done to them, whenever they are loaded, and whom they answer. Each
 * that is different now is another entry.
 */
export function withActionsApplied(
  timeline: Timeline,
  came: readonly RoomMessage[],
  reader: ReaderName,
): Timeline {
  const acted = came.filter((message) => message.type !== 'gap' && message.type !== 'message');
  const actions = withActions(timeline.actions, acted);
  const touched = new Set<MessageId>();
  for (const message of came)
    if (message.type !== 'gap') touched.add(message.type === 'message' ? message.id : message.of);
  const owners = new Map<MessageId, MessageEntry>();
  const folded = timeline.entries.map((entry) => {
    if (entry.kind !== 'message') return entry;
    const isOwner = !owners.has(entry.id);
    const now = touched.has(entry.id)
      ? refolded(entry, isOwner ? (actions.get(entry.id) ?? []) : [], reader)
      : entry;
    if (isOwner) owners.set(entry.id, now);
    return now;
  });
  const isStale = (item: Entry | Echo, answers: Answered): boolean =>
    touched.has(answers.id) || ('kind' in item && item.kind === 'message' && touched.has(item.id));
  const answering = <Item extends MessageEntry | Echo>(item: Item): Item =>
    item.answers !== undefined && isStale(item, item.answers)
      ? { ...item, answers: answered(item.answers.id, owners.get(item.answers.id)) }
      : item;
  return {
    ...timeline,
    entries: folded.map((entry) => (entry.kind === 'message' ? answering(entry) : entry)),
    echoes: timeline.echoes.map(answering),
    actions,
    lastAction: Math.max(timeline.lastAction, ...acted.map(({ seq }) => seq)),
  };
}

/** The timeline without what these said: neither they, their edits, nor what quotes them. */
export function withDisappeared(
  timeline: Timeline,
  gone: readonly MessageRef[],
  reader: ReaderName,
): Timeline {
  const keys = new Set(gone.map(refKey));
  const actions = new Map(timeline.actions);
  for (const { id, user } of gone) {
    const left = actions.get(id)?.filter((action) => action.type !== 'edit' || action.user !== user);
    if (left !== undefined) actions.set(id, left);
  }
  const came: RoomMessage[] = [];
  const entries = timeline.entries.map((entry) => {
    if (entry.kind !== 'message' || !keys.has(refKey(entry)) || !saysSomething(entry)) return entry;
    const message = withoutText(entry.message, true);
    came.push(message);
    return messageEntry(message, [], reader);
  });
  return withActionsApplied({ ...timeline, entries, actions }, came, reader);
}

/** The message with this id as one that is answered. */
export function answered(id: MessageId, entry: MessageEntry | undefined): Answered {
  if (entry === undefined || entry.status !== 'ok') return { id, from: undefined, text: undefined };
  const words = entry.text
    .slice(0, 2 * EXCERPT_CHARS_MAX)
    .replace(/\s+/g, ' ')
    .trim();
  const text =
    !saysSomething(entry) || entry.removed !== undefined
      ? undefined
      : [...words].slice(0, EXCERPT_CHARS_MAX).join('');
  return { id, from: entry.from, text, ...(entry.disappeared && { disappeared: true }) };
}

/** What was retracted stays so, also when that is not remembered any more. */
function refolded(entry: MessageEntry, actions: readonly MessageAction[], reader: ReaderName): MessageEntry {
  const isPlain = !entry.edited && entry.reactions.length === 0;
  if (entry.retracted || (isPlain && actions.length === 0)) return entry;
  const now = messageEntry(entry.message, actions, reader);
  return now.files === undefined ? now : { ...now, files: knownFiles(now.files, entry.files ?? []) };
}
