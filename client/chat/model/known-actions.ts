import type { MessageId } from '../../../src/protocol/ids.ts';
import type { MessageAction } from '../../sdk/rooms/room-events.ts';
import { byTarget } from '../../sdk/rooms/timeline.ts';

/** Actions of one room that are remembered. */
export const ACTIONS_MAX = 10_000;
/** So many stay once there were more, so that not each further one costs a look at all. */
const ACTIONS_KEPT = 9_000;
/**
 * What is known to have been done to each message. Of what one person did in one way (edits, or reactions with one emoji) only
 * the last: no other counts.
 */
export type KnownActions = ReadonlyMap<MessageId, readonly MessageAction[]>;

/** With what came; both may hold the same. Takes time by what came and what is known about the same messages, not by their product. */
export function withActions(known: KnownActions, came: readonly MessageAction[]): KnownActions {
  if (came.length === 0) return known;
  const actions = new Map(known);
  for (const [of, more] of byTarget(came)) actions.set(of, latest([...(actions.get(of) ?? []), ...more]));
  return withinCap(actions);
}

function latest(actions: readonly MessageAction[]): readonly MessageAction[] {
  const byKind = new Map<string, MessageAction>();
  for (const action of actions) {
    const kind = `${action.type}:${action.user}:${wayOf(action)}`;
    if ((byKind.get(kind)?.seq ?? -1) < action.seq) byKind.set(kind, action);
  }
  return [...byKind.values()];
}

/** A removal of one who was no moderator any more takes none away of the time before. */
function wayOf(action: MessageAction): string {
  if (action.type === 'react') return action.emoji;
  return action.type === 'remove' ? (action.role ?? '') : '';
}

/** Reactions go before what changes a text, and the oldest first: nobody brings a text back by a flood. */
function withinCap(actions: KnownActions): KnownActions {
  const all = [...actions.values()].flat();
  if (all.length <= ACTIONS_MAX) return actions;
  const isReaction = ({ type }: MessageAction): number => (type === 'react' ? 0 : 1);
  all.sort((a, b) => isReaction(b) - isReaction(a) || b.seq - a.seq);
  return byTarget(all.slice(0, ACTIONS_KEPT));
}
