import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { type FileProgress, percentOf, type TransferOptions } from '../../sdk/files/file-source.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import type { CommandContext } from '../command-context.ts';
import { interruption } from '../exit-codes.ts';
import { openLocalFile } from './local-file.ts';
import { NewFile, type NewPlace } from './new-file.ts';
import { safeName } from './safe-name.ts';

/** Uploads a file. Rejects with an interruption, too. */
export async function uploadPath(context: CommandContext, room: Room, path: string): Promise<SharedFile> {
  await using file = await openLocalFile(path);
  return await watched(context, file.source.name, (options) => room.upload(file.source, options));
}

/**
 * Fetches a file of a message to a place, under its own name made safe if that names none. Nothing is ever replaced. Gives where it
 * is. Rejects with an interruption, too.
 */
export async function saveFile(
  context: CommandContext,
  room: Room,
  file: SharedFile,
  to: NewPlace,
): Promise<string> {
  await using fresh = await NewFile.in(to.folder);
  await watched(context, file.name, (options) => room.download(file, fresh, options));
  return await fresh.nameAt(to, safeName(file.name));
}

async function watched<T>(
  { output, interrupted }: CommandContext,
  name: string,
  transfer: (options: TransferOptions) => Promise<T>,
): Promise<T> {
  try {
    return await transfer({
      signal: interrupted,
      onProgress: (progress) => output.progress(progressLine(name, progress)),
    });
  } catch (error) {
    if (interrupted.aborted) throw interruption();
    throw error;
  } finally {
    output.progress(undefined);
  }
}

function progressLine(name: string, progress: FileProgress): string {
  return filled(cliTexts.sending[progress.step], {
    ...{ name: visibleLine(name), percent: percentOf(progress), size: texts.words.size(progress.total) },
  });
}
