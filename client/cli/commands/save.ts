import type { Room } from '../../sdk/rooms/room.ts';
import type { ShownMessage } from '../../sdk/rooms/room-events.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { failureOf, usage } from '../exit-codes.ts';
import { newPlace } from '../files/new-file.ts';
import { saveFile } from '../files/transfer.ts';
import { messageIn, parsedTarget } from './message-target.ts';
import { unlockIfNeeded } from './room-password.ts';

/** Saves the files of a message: into a folder, or, if there is one file alone, under a name. */
export async function saveFiles(
  context: CommandContext,
  roomName: string,
  which: string,
  where = '.',
): Promise<void> {
  const wanted = parsedTarget(which);
  const to = await newPlace(where);
  const client = await context.connected();
  const room = await withRetries(() => client.room(roomName));
  await unlockIfNeeded(context, room);
  const { wording, message } = await messageIn(room, wanted, 'any', (await client.me()).id);
  const files = wording.files ?? [];
  if (files.length === 0) throw usage(filled(cliTexts.usage.no_files, { user: message.from }));
  if (files.length > 1 && to.path !== undefined)
    throw usage(filled(cliTexts.usage.several_files, { given: where }));
  for (const file of files) {
    const path = await saveFile(context, room, file, to);
    const line = { type: 'saved', room: room.name, seq: message.seq, id: message.id, file: file.file, path };
    context.output.data({ ...line, size: file.size }, path);
  }
}

/** A file that cannot be saved keeps none of the others from it, nor the messages that follow. */
export async function saveAll(
  context: CommandContext,
  room: Room,
  { files = [], seq, id }: ShownMessage,
  folder: string,
): Promise<void> {
  for (const file of files) {
    const about = { room: room.name, seq, id, file: file.file };
    try {
      const path = await saveFile(context, room, file, { folder });
      context.output.data({ type: 'saved', ...about, path, size: file.size });
      if (!context.output.json) context.output.note(filled(cliTexts.said.saved, { path }));
    } catch (error) {
      if (context.interrupted.aborted) throw error;
      const { code, message } = failureOf(error);
      context.output.data({ type: 'not-saved', ...about, code, message });
      const told = { name: file.name, reason: message };
      if (!context.output.json) context.output.note(filled(cliTexts.said.not_saved, told));
    }
  }
}
