import { storedFileBytes } from '../../../src/protocol/layouts/file-inputs.ts';
import { TEXT_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { ConclaveError, localError } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { texts as words } from '../../texts/texts.ts';
import type { FaceFiles } from '../files/face-files.ts';
import { fetchFile } from '../files/fetch-file.ts';
import { answered } from '../model/actions.ts';
import type { EntryFile } from '../model/entry-file.ts';
import { fileNumbered } from '../model/files.ts';
import { roomOf } from '../model/model.ts';
import { messageAt, selectedMessage, withIntent } from '../model/selection.ts';
import { acceptByWriting } from '../rooms/invitations.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import { deselect } from './action-commands.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import type { CommandCall } from './command-table.ts';

const { files: texts, input } = chatTexts;

/** Names of what programs show without carrying anything out. */
const harmless =
  /\.(?:avif|bmp|gif|heic|jpe?g|png|tiff?|webp|txt|md|log|pdf|aac|flac|m4a|mp3|oga|ogg|opus|wav|avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm)$/i;

type FileCall = Extract<CommandCall, { readonly name: 'send' | 'save' | 'open' | 'cancel' }>;

/** Files, there and back. */
export async function runFileCommand(context: CommandContext, call: FileCall): Promise<void> {
  switch (call.name) {
    case 'send':
      return sendFile(context, call.path, call.text);
    case 'save':
      return saveFiles(context, call.number, call.path);
    case 'open':
      return openFile(context, call.number);
    case 'cancel':
      if (!cancelTransfer(context)) context.notices.say(texts.nothing_to_cancel);
      return;
    default:
      return call satisfies never;
  }
}

/** Asks, then sends in the background: as an answer, if one was begun. */
async function sendFile(context: CommandContext, path: string | undefined, text = ''): Promise<void> {
  const session = shownRoom(context);
  const { room } = session;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > TEXT_BYTES_MAX) throw new ConclaveError('usage', input.too_long(bytes, TEXT_BYTES_MAX));
  const file = await diskOf(context).choose(path);
  if (file === undefined) return;
  const { fileBytesMax: most, name: roomName } = room;
  if (most === undefined) throw new ConclaveError('unsupported', words.features.files);
  if (room.retentionHours === 0) throw new ConclaveError('forbidden', texts.nothing_stored(roomName));
  if (storedFileBytes(file.size) > most) throw localError('too_large', 'file_too_large', { size: most });
  const about = [texts.send_about(words.words.size(file.size), file.type, words.words.size(most))];
  if (!(await context.dialogs.confirm(texts.send(file.name, roomName), about, texts.send_yes))) return;
  acceptByWriting(context, room.id);
  const known = roomOf(context.store.model, room.id);
  const intent = known?.intent?.kind === 'reply' ? known.intent : undefined;
  const entry = intent && known && messageAt(known, intent.seq);
  session.outbox.sendFile(file, text, entry && answered(entry.id, entry));
  if (intent !== undefined) context.store.change((model) => withIntent(model, room.id, undefined));
}

/** The file with this number, or all of the selected message. */
async function saveFiles(
  context: CommandContext,
  number: number | undefined,
  path: string | undefined,
): Promise<void> {
  const session = shownRoom(context);
  for (const file of wantedFiles(context, session, number)) {
    const target = await diskOf(context).saving(file.name, path);
    await fetchFile(context, session.room, file, target, async (place) => {
      context.notices.say(texts.saved(place));
      return { kind: 'saved', place };
    });
  }
  deselect(context, session.room.id);
}

/** Nothing that may be a program is opened without a question. */
async function openFile(context: CommandContext, number: number | undefined): Promise<void> {
  const session = shownRoom(context);
  const { dialogs } = context;
  const disk = diskOf(context);
  const file = await oneOf(context, wantedFiles(context, session, number));
  if (file === undefined) return;
  const target = await disk.opening(file.name);
  const { name } = target;
  const mayOpen =
    harmless.test(name) || (await dialogs.confirm(texts.open(name), [texts.open_about], texts.open_yes));
  if (!mayOpen) return target.close();
  deselect(context, session.room.id);
  await fetchFile(context, session.room, file, target, async (place) => {
    disk.open(place, (error) => context.notices.refuse(error));
    return { kind: 'opened' };
  });
}

/** Ends the transfer of the room that is shown that began last. */
export function cancelTransfer({ notices, store, transfers }: CommandContext): boolean {
  const { active } = store.model;
  const name = active && transfers.cancel(active);
  if (name !== undefined) notices.say(texts.cancelled(name));
  return name !== undefined;
}

function diskOf({ face }: CommandContext): FaceFiles {
  if (face.files === undefined) throw new ConclaveError('usage', texts.no_disk);
  return face.files;
}

/** Throws ConclaveError when there is none, or it is on its way already. */
function wantedFiles(
  { store }: CommandContext,
  { room: { id } }: RoomSession,
  number: number | undefined,
): readonly EntryFile[] {
  const room = roomOf(store.model, id);
  const selected = selectedMessage(room);
  if (number === undefined && selected === undefined) throw new ConclaveError('usage', texts.which);
  const numbered = room && number !== undefined ? fileNumbered(room, number) : undefined;
  const found = number === undefined ? (selected?.files ?? []) : numbered === undefined ? [] : [numbered];
  if (found.length === 0)
    throw new ConclaveError('usage', number === undefined ? texts.none_in_message : texts.no_file(number));
  const busy = found.find(({ state }) => state?.kind === 'receiving');
  if (busy !== undefined) throw new ConclaveError('usage', texts.on_its_way(busy.name));
  return found;
}

async function oneOf(
  { dialogs }: CommandContext,
  files: readonly EntryFile[],
): Promise<EntryFile | undefined> {
  const [first] = files;
  if (files.length === 1) return first;
  const items = files.map(({ number, name, size }) => ({
    ...{ id: `${number}`, label: name },
    detail: words.words.size(size),
  }));
  const chosen = await dialogs.pick({ title: texts.open_which, items, nothing: texts.none_matches });
  return files.find(({ number }) => `${number}` === chosen);
}
