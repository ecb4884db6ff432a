import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { utf8 } from '../../../src/protocol/bytes.ts';
import type { MessageId } from '../../../src/protocol/ids.ts';
import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import { FILES_MAX, TEXT_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { shellQuoted } from '../../profile/shell-quoted.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import { localError } from '../../sdk/errors.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { CommandFailure, EXIT_INTERRUPTED, usage } from '../exit-codes.ts';
import { wholeText } from '../text-lines.ts';
import { showEpochProgress } from './epoch-progress.ts';
import { parsedLife } from './life.ts';
import type { Target } from './message-target.ts';
import { unlockIfNeeded } from './room-password.ts';
import { sendLines } from './send-lines.ts';

/** Most messages answer none. */
const targets = () => import('./message-target.ts');
/** Most carry none. */
const transfers = () => import('../files/transfer.ts');

export interface SendOptions {
  readonly strict?: boolean;
  readonly reply?: string;
  readonly file?: readonly string[];
  readonly disappear?: string;
}

/** What a decoder writes for a byte that it can't read. */
const REPLACEMENT = '\ufffd';
/** Stands for all of standard input as one message. */
const WHOLE_INPUT = '-';

/** Sends TEXT; without it each line of standard input as one message, and for `-` all of it as one. */
export async function sendMessages(
  context: CommandContext,
  roomName: string,
  given: string | undefined,
  { strict = false, reply, file: paths = [], disappear }: SendOptions,
): Promise<void> {
  if (reply !== undefined && given === undefined && paths.length === 0)
    throw usage(cliTexts.usage.reply_to_lines);
  const answered = reply === undefined ? undefined : (await targets()).parsedTarget(reply);
  const life = disappear === undefined ? {} : { expires: parsedLife(disappear, '--disappear') };
  if (paths.length > FILES_MAX) throw localError('too_large', 'files_too_many', { count: FILES_MAX });
  const whole = given === WHOLE_INPUT ? await wholeText(context.stdin) : given;
  const text = whole ?? (paths.length > 0 ? '' : undefined);
  if (whole !== undefined) await checkText(whole);
  const client = await context.connected();
  const room = await withRetries(() => client.room(roomName)).catch((error: unknown) =>
    refuseSwapped(client, roomName, given, error),
  );
  if (text === undefined && 'isTTY' in context.stdin && context.stdin.isTTY === true)
    context.output.note(cliTexts.sending.typed_lines);
  await unlockIfNeeded(context, room);
  showEpochProgress(context.output, room);
  if (text === undefined) return sendLines(context, room, { strict, ...life });
  const re = answered === undefined ? {} : { re: await answeredIn(client, room, answered) };
  const files = await uploaded(context, room, paths);
  const { interrupted } = context;
  const cut = new Promise<never>((_, reject) => {
    const stop = (): void =>
      reject(new CommandFailure('interrupted', cliTexts.sending.message_maybe, EXIT_INTERRUPTED));
    interrupted.addEventListener('abort', stop, { once: true });
    if (interrupted.aborted) stop();
  });
  cut.catch(() => undefined);
  const {
    room: name,
    seq,
    id,
  } = await Promise.race([room.send(text, { strict, ...re, files, ...life }), cut]);
  context.output.data({ type: 'sent', room: name, seq, id });
}

/** One after the other; the message goes out once all of them are there. */
async function uploaded(
  context: CommandContext,
  room: Room,
  paths: readonly string[],
): Promise<readonly SharedFile[]> {
  const files: SharedFile[] = [];
  for (const path of paths) files.push(await (await transfers()).uploadPath(context, room, path));
  return files;
}

async function answeredIn(client: ConclaveClient, room: Room, answered: Target): Promise<MessageId> {
  const { messageIn } = await targets();
  const { id: me } = await client.me();
  return (await messageIn(room, answered, 'any', me)).message.id;
}

/** Text and room are easily mixed up: a text that is the name of an own room gives it away. */
async function refuseSwapped(
  client: ConclaveClient,
  room: string,
  text: string | undefined,
  error: unknown,
): Promise<never> {
  const own = text === undefined ? [] : await client.ownRooms().catch(() => []);
  const wanted = own.find((entry) => entry.room.toLowerCase() === text?.toLowerCase())?.room;
  if (wanted === undefined) throw error;
  throw usage(filled(cliTexts.usage.swapped, { room, wanted, given: shellQuoted(room) }));
}

/** Throws a usage failure. */
export async function checkText(text: string): Promise<void> {
  if (text === '') throw usage(texts.local.no_text);
  if (text.includes(REPLACEMENT) && !(await argumentsAreUtf8())) throw usage(cliTexts.usage.text_not_utf8);
  if (utf8(text).length > TEXT_BYTES_MAX)
    throw usage(filled(cliTexts.usage.text_too_long, { size: TEXT_BYTES_MAX }));
}

/** Node puts it in the place of what is no UTF-8, without saying so. Only Linux still has the bytes. */
async function argumentsAreUtf8(): Promise<boolean> {
  const bytes = await readFile('/proc/self/cmdline').catch(() => undefined);
  return bytes === undefined || isUtf8(bytes);
}
