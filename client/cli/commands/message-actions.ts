import type { Room, Sent } from '../../sdk/rooms/room.ts';
import { carriedFiles, type TimelineMessage } from '../../sdk/rooms/timeline.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { showEpochProgress } from './epoch-progress.ts';
import { messageIn, parsedTarget, type Whose } from './message-target.ts';
import { unlockIfNeeded } from './room-password.ts';
import { checkText } from './send.ts';

export async function editMessage(
  context: CommandContext,
  roomName: string,
  which: string,
  text: string,
): Promise<void> {
  await checkText(text);
  // An edit replaces all of a message: what it answers, whom it mentions, and when it disappears, stays.
  await act(context, roomName, which, 'own', (room, { message, wording: { text: _, ...others } }) =>
    room.edit(message.id, text, {
      ...others,
      ...(message.expires !== undefined && { expires: message.expires }),
    }),
  );
}

export async function retractMessage(
  context: CommandContext,
  roomName: string,
  which: string,
): Promise<void> {
  // Others may not have seen what has disappeared here.
  const options = { orDisappeared: true };
  await act(
    context,
    roomName,
    which,
    'own',
    (room, target) => room.retract(target.message.id, { carried: carriedFiles(target) }),
    options,
  );
}

export async function removeMessage(
  context: CommandContext,
  roomName: string,
  which: string,
  why: string | undefined,
): Promise<void> {
  await act(context, roomName, which, 'any', (room, target) =>
    room.remove(target.message.id, why, { carried: carriedFiles(target) }),
  );
}

export async function reactToMessage(
  context: CommandContext,
  roomName: string,
  which: string,
  emoji: string,
  { remove = false }: { readonly remove?: boolean },
): Promise<void> {
  await act(context, roomName, which, 'any', (room, { message }) =>
    room.react(message.id, emoji, { add: !remove }),
  );
}

async function act(
  context: CommandContext,
  roomName: string,
  which: string,
  whose: Whose,
  action: (room: Room, target: TimelineMessage) => Promise<Sent>,
  options: { readonly orDisappeared?: boolean } = {},
): Promise<void> {
  const wanted = parsedTarget(which);
  const client = await context.connected();
  const room = await withRetries(() => client.room(roomName));
  await unlockIfNeeded(context, room);
  showEpochProgress(context.output, room);
  const target = await messageIn(room, wanted, whose, (await client.me()).id, options);
  const { room: name, seq, id } = await action(room, target);
  context.output.data({ type: 'sent', room: name, seq, id, of: target.message.id });
}
