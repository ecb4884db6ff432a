import type { MessageId, UserId } from '../../../src/protocol/ids.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { type TimelineMessage, timelineOf } from '../../sdk/rooms/timeline.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';

/** Messages that are looked through for the one that is meant. */
const LOOKED_THROUGH_MAX = 1_000;
const PAGE = 100;
const LAST = 'last';

/** `own`: only the user's own messages will do. */
export type Whose = 'own' | 'any';

type SearchedRoom = Pick<Room, 'head' | 'history'>;

/** A message id or the beginning of one, or `last`. */
export interface Target {
  readonly text: string;
}

/** Throws a usage failure. */
export function parsedTarget(text: string): Target {
  if (text !== LAST && !/^[0-9a-f]{8,32}$/.test(text))
    throw usage(filled(cliTexts.usage.bad_message, { given: text }));
  return { text };
}

/**
 * The message that is meant, if it is among the last ones. What was retracted can't be meant, and what has disappeared only with
 * `orDisappeared`. Throws a usage failure.
 */
export async function messageIn(
  room: SearchedRoom & Pick<Room, 'name'>,
  { text }: Target,
  whose: Whose,
  me: UserId,
  { orDisappeared = false }: { readonly orDisappeared?: boolean } = {},
): Promise<TimelineMessage> {
  const found = await lookedFor(room, (read) => {
    const there = read.filter(({ hasDisappeared }) => orDisappeared || !hasDisappeared);
    return text === LAST ? lastOf(there, whose, me) : the(there, text);
  });
  if (found !== undefined) {
    if (whose === 'own' && found.message.user !== me)
      throw usage(filled(cliTexts.usage.not_own, { user: found.message.from }));
    return found;
  }
  const wanted = text !== LAST ? 'no_message' : whose === 'own' ? 'no_own_message' : 'no_messages';
  const about = { given: text, count: LOOKED_THROUGH_MAX, room: room.name };
  throw usage(filled(cliTexts.usage[wanted], about));
}

/** The one with this id, if it is among the last ones and was not retracted. */
export function messageOf(room: SearchedRoom, id: MessageId): Promise<TimelineMessage | undefined> {
  return lookedFor(room, (there) => there.find(({ message }) => message.id === id));
}

async function lookedFor(
  room: SearchedRoom,
  pick: (there: readonly TimelineMessage[]) => TimelineMessage | undefined,
): Promise<TimelineMessage | undefined> {
  const read: RoomMessage[] = [];
  for (let before = room.head + 1; read.length < LOOKED_THROUGH_MAX; ) {
    const page = await withRetries(() => room.history({ before, limit: PAGE }));
    read.unshift(...page.messages);
    const found = pick(
      timelineOf(read).messages.filter(({ message, isRetracted }) => message.status === 'ok' && !isRetracted),
    );
    if (found !== undefined) return found;
    // A page that does not lead further down ends it: a server may claim for ever that there is more.
    if (!page.more || page.through >= before) break;
    before = page.through;
  }
  return undefined;
}

function lastOf(there: readonly TimelineMessage[], whose: Whose, me: UserId): TimelineMessage | undefined {
  return there.findLast(({ message }) => whose === 'any' || message.user === me);
}

function the(there: readonly TimelineMessage[], prefix: string): TimelineMessage | undefined {
  const [found, another] = there.filter(({ message }) => message.id.startsWith(prefix));
  if (another !== undefined) throw usage(filled(cliTexts.usage.ambiguous, { given: prefix }));
  return found;
}
