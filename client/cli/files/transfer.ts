import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import type { Room } from '../../sdk/api.ts';
import { localError } from '../../sdk/errors.ts';
import type { FileProgress, TransferOptions } from '../../sdk/files/file-source.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import type { CommandContext } from '../command-context.ts';
import { interruption } from '../exit-codes.ts';
import { openLocalFile } from './local-file.ts';
import { folderOf, NewFile } from './new-file.ts';
import { safeName } from './safe-name.ts';

/** Uploads a file. Rejects with an interruption, too. */
export async function uploadPath(context: CommandContext, room: Room, path: string): Promise<SharedFile> {
  await using file = await openLocalFile(path);
  return await watched(context, file.source.name, (options) => room.upload(file.source, options));
}

/**
 * Fetches a file of a message into a folder, under its own name made safe, or under `path`. Nothing is ever replaced. Gives where it
 * is. Rejects with an interruption, too.
 */
export async function saveFile(
  context: CommandContext,
  room: Room,
  file: SharedFile,
  to: { readonly folder: string } | { readonly path: string },
): Promise<string> {
  if ('path' in to && (await isThere(to.path))) throw localError('profile_exists', 'file_exists', to);
  const folder = 'path' in to ? folderOf(to.path) : to.folder;
  await using fresh = await NewFile.in(folder);
  await watched(context, file.name, (options) => room.download(file, fresh, options));
  const name = safeName(file.name);
  if ('folder' in to) {
    const path = await fresh.nameFreely(folder, name);
    if (path === undefined) throw localError('profile_exists', 'file_exists', { path: join(folder, name) });
    return path;
  }
  if (!(await fresh.name(to.path))) throw localError('profile_exists', 'file_exists', to);
  return to.path;
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

function progressLine(name: string, { step, done, total }: FileProgress): string {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return filled(cliTexts.sending[step], { name: visibleLine(name), percent, size: texts.words.size(total) });
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
