import type { MessageId } from '../../../src/protocol/ids.ts';
import type { MessageAction } from '../../sdk/rooms/room-events.ts';

/** Actions of one room that are remembered. */
export const ACTIONS_MAX = 10_000;
/** So many stay once there were more, so that not each further one costs a look at all. */
const ACTIONS_KEPT = 9_000;
/**
 * What is known to have been done to each message. Of what one person did in one way (edits, or reactions with one emoji) only
 * the last: no other counts.
 */
export type KnownActions = ReadonlyMap<MessageId, readonly MessageAction[]>;

/** With what came; both may hold the same. */
export function withActions(known: KnownActions, came: readonly MessageAction[]): KnownActions {
  if (came.length === 0) return known;
  const actions = new Map(known);
  for (const action of came) actions.set(action.of, withLatest(actions.get(action.of) ?? [], action));
  return withinCap(actions);
}

function withLatest(known: readonly MessageAction[], action: MessageAction): readonly MessageAction[] {
  const at = known.findIndex((other) => isSameKind(other, action));
  const before = known[at];
  if (before === undefined) return [...known, action];
  return before.seq >= action.seq ? known : known.with(at, action);
}

function isSameKind(one: MessageAction, other: MessageAction): boolean {
  if (one.type !== other.type || one.user !== other.user) return false;
  return one.type !== 'react' || (other.type === 'react' && one.emoji === other.emoji);
}

/** Reactions go before what changes a text, and the oldest first: nobody brings a text back by a flood. */
function withinCap(actions: KnownActions): KnownActions {
  const all = [...actions.values()].flat();
  if (all.length <= ACTIONS_MAX) return actions;
  const isReaction = ({ type }: MessageAction): number => (type === 'react' ? 0 : 1);
  all.sort((a, b) => isReaction(b) - isReaction(a) || b.seq - a.seq);
  const kept = new Map<MessageId, MessageAction[]>();
  for (const action of all.slice(0, ACTIONS_KEPT)) {
    const list = kept.get(action.of);
    if (list === undefined) kept.set(action.of, [action]);
    else list.push(action);
  }
  return kept;
}
