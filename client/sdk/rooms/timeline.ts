import type { FileId, MessageId, UserId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import type { MessageAction, RoomMessage, ShownMessage } from './room-events.ts';

/** What a message said at one time. */
export type Wording = Pick<ShownMessage, 'text' | 're' | 'mentions' | 'files' | 'expires'>;

export interface Reaction {
  readonly emoji: string;
  /** In the order in which they reacted. */
  readonly users: readonly UserId[];
}

/** A message with everything that was done to it. */
export interface TimelineMessage {
  readonly message: ShownMessage;
  /** What it says now. Empty once it was retracted, or has disappeared. */
  readonly wording: Wording;
  /** What it said before, oldest first; empty once it was retracted. */
  readonly former: readonly Wording[];
  /** The edit that has the last word; undefined when there is none, and once it was retracted. */
  readonly edit: EditAction | undefined;
  /** In the order in which each was first given. */
  readonly reactions: readonly Reaction[];
  readonly isRetracted: boolean;
  /** It, or the edit that had the last word, disappeared here: everything else is as if it was retracted. */
  readonly hasDisappeared: boolean;
  /** By the owner or a moderator; undefined also once it was retracted. Its wording stays, for readers who want to look at it. */
  readonly removal: RemoveAction | undefined;
}

/** Who sent a message, which need not be who uploaded its files. */
export interface CarriedFiles {
  readonly sender: UserId;
  readonly files: readonly SharedFile[];
}

/**
 * Why an action does nothing. `not_a_message`: it is about another action, or about what can't be read. `no_moderator`: its sender was
 * neither owner nor moderator, or it is not known any more.
 */
export type ActionFault = 'another_sender' | 'not_after' | 'not_a_message' | 'no_moderator';

export interface RefusedAction {
  readonly action: MessageAction;
  readonly fault: ActionFault;
}

export interface Timeline {
  /** In the order of the room. */
  readonly messages: readonly TimelineMessage[];
  readonly refused: readonly RefusedAction[];
  /** Actions on messages that are not among those given: older ones, as a rule. */
  readonly waiting: readonly MessageAction[];
}

export type EditAction = Extract<MessageAction, { readonly type: 'edit' }>;

export type RemoveAction = Extract<MessageAction, { readonly type: 'remove' }>;

type Positioned = ShownMessage | MessageAction;

/**
 * What a stretch of a room's history says. It depends on positions alone: however the same messages are grouped, ordered or
 * repeated, live or from pages, the timeline is the same. Of two messages with one id, the earlier one has it.
 */
export function timelineOf(given: Iterable<RoomMessage>): Timeline {
  const byPosition = new Map<number, Positioned>();
  for (const entry of given) if (entry.type !== 'gap') byPosition.set(entry.seq, entry);
  const ordered = [...byPosition.values()].sort((a, b) => a.seq - b.seq);
  const byId = new Map<MessageId, Positioned>();
  for (const entry of ordered) if (!byId.has(entry.id)) byId.set(entry.id, entry);
  const actions = byTarget(ordered.filter((entry) => entry.type !== 'message'));
  const messages: TimelineMessage[] = [];
  for (const entry of ordered)
    if (entry.type === 'message')
      messages.push(applied(entry, byId.get(entry.id) === entry ? (actions.get(entry.id) ?? []) : []));
  const refused: RefusedAction[] = [];
  const waiting: MessageAction[] = [];
  for (const action of ordered) {
    if (action.type === 'message') continue;
    const target = byId.get(action.of);
    const fault = target === undefined ? undefined : faultOf(action, target);
    if (target === undefined) waiting.push(action);
    else if (fault !== undefined) refused.push({ action, fault });
  }
  return { messages, refused, waiting };
}

/** A message with all actions on it that are known, in any order; those that are not allowed do nothing. */
export function applied(message: ShownMessage, actions: readonly MessageAction[]): TimelineMessage {
  const allowed = actions
    .filter((action) => faultOf(action, message) === undefined)
    .sort((a, b) => a.seq - b.seq);
  // What was taken back stays so, whatever else was done to it.
  const isRetracted = allowed.some(({ type }) => type === 'retract');
  const edits = allowed.filter((action) => action.type === 'edit');
  const edit = edits.at(-1);
  const hasDisappeared = !isRetracted && (message.disappeared === true || edit?.disappeared === true);
  if (isRetracted || hasDisappeared)
    return {
      ...{ message, wording: {}, former: [], edit: undefined, reactions: [] },
      ...{ isRetracted, hasDisappeared, removal: undefined },
    };
  const [wording = {}, ...newer] = [message, ...edits].map(wordingOf).reverse();
  return {
    message,
    wording,
    former: newer.reverse(),
    edit,
    reactions: reactionsOf(allowed),
    ...{ isRetracted, hasDisappeared },
    removal: allowed.findLast((action) => action.type === 'remove'),
  };
}

/** Senders name as many files as they like, in one edit after the other: more are left to the room's retention. */
const CARRIED_FILES_MAX = 100;

/** All files of a message, those that it had before an edit, too: the newest, each once. None once it was retracted. */
export function carriedFiles({ message, wording, former }: TimelineMessage): CarriedFiles {
  const byId = new Map<FileId, SharedFile>();
  for (const { files = [] } of [wording, ...former.toReversed()])
    for (const file of files) if (byId.size < CARRIED_FILES_MAX) byId.set(file.file, file);
  return { sender: message.user, files: [...byId.values()] };
}

/** Undefined: it may be done. */
export function faultOf(action: MessageAction, target: Positioned): ActionFault | undefined {
  if (target.type !== 'message' || target.status !== 'ok') return 'not_a_message';
  if (action.seq <= target.seq) return 'not_after';
  switch (action.type) {
    case 'react':
      return undefined;
    case 'remove':
      return action.role === 'owner' || action.role === 'moderator' ? undefined : 'no_moderator';
    default:
      return action.user === target.user ? undefined : 'another_sender';
  }
}

function wordingOf({ text, re, mentions, files, expires }: Wording): Wording {
  return {
    ...(text === undefined ? {} : { text }),
    ...(re === undefined ? {} : { re }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(files === undefined ? {} : { files }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** Each person has each emoji once at most; the last word of each counts. */
function reactionsOf(actions: readonly MessageAction[]): readonly Reaction[] {
  const byEmoji = new Map<string, Set<UserId>>();
  for (const action of actions) {
    if (action.type !== 'react') continue;
    const users = byEmoji.get(action.emoji) ?? new Set();
    byEmoji.set(action.emoji, users);
    if (action.add) users.add(action.user);
    else users.delete(action.user);
  }
  return [...byEmoji].flatMap(([emoji, users]) => (users.size === 0 ? [] : [{ emoji, users: [...users] }]));
}

/** Actions by the message that they are about, each list in the order given. */
export function byTarget(actions: readonly MessageAction[]): Map<MessageId, MessageAction[]> {
  const lists = new Map<MessageId, MessageAction[]>();
  for (const action of actions) {
    const list = lists.get(action.of);
    if (list === undefined) lists.set(action.of, [action]);
    else list.push(action);
  }
  return lists;
}
