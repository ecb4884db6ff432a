import { stat } from 'node:fs/promises';
import type { ConclaveClient } from '../../sdk/api.ts';
import { goneRoomError } from '../../sdk/rooms/gone-room.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { RoomMessage } from '../../sdk/rooms/room-events.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { failureOf, usage } from '../exit-codes.ts';
import { whileRead } from '../reader-gone.ts';
import { parsedCount, wholeNumber } from '../whole-number.ts';
import { printMessage, roomEnd, tellConnection } from './room-lines.ts';

export interface TailOptions {
  readonly since?: string;
  readonly follow?: boolean;
  readonly count?: string;
  readonly ids?: boolean;
  readonly saveFiles?: string;
}

/** Where most messages go to is the output alone. */
const saving = () => import('./save.ts');

type Print = (room: Room, message: RoomMessage) => Promise<void>;

const LAST_STORED_DEFAULT = 20;
const COUNT_MAX = 1_000_000;
const PAGE = 100;

/** Prints messages of rooms: those stored, one room after another, and with `follow` those to come, of all of them. */
export async function tailRooms(
  context: CommandContext,
  names: readonly string[],
  options: TailOptions,
): Promise<void> {
  const count = options.count === undefined ? undefined : parsedCount(options.count, 0, COUNT_MAX);
  const since = options.since === undefined ? undefined : parsedSince(options.since);
  const follow = options.follow === true;
  const { ids = false, saveFiles: folder } = options;
  if (folder !== undefined && !(await isFolder(folder)))
    throw usage(filled(cliTexts.usage.no_folder, { given: folder }));
  const shown = { ids, withRoom: names.length > 1 };
  const print: Print = async (room, message) => {
    printMessage(context.output, message, shown);
    await room.shown([message]);
    if (folder !== undefined && message.type === 'message')
      await (await saving()).saveAll(context, room, message, folder);
  };
  const client = await context.connected();
  const rooms: Room[] = [];
  for (const name of names) rooms.push(await openedRoom(client, name));
  const wanted = { since, count, print };
  if (follow) await whileRead(context.stdout, followRooms(context, client, rooms, wanted));
  else for (const room of rooms) await printStored(room, wanted);
}

/** Until the last one ends. Rejects when one of them, or the membership in it, ended: whoever follows it has to hear of that. */
async function followRooms(
  context: CommandContext,
  client: ConclaveClient,
  rooms: readonly Room[],
  wanted: Wanted,
): Promise<void> {
  void tellConnection(context.output, client).catch(() => undefined);
  const { output } = context;
  const ends = rooms.map(async (room) => {
    try {
      await followRoom(context, room, wanted);
    } catch (error) {
      // The others go on.
      if (rooms.length > 1) output.note(failureOf(error, { room: room.name }).message);
      throw error;
    }
  });
  for (const end of await Promise.allSettled(ends)) if (end.status === 'rejected') throw end.reason;
}

/** One of several rooms: a refusal names this one. */
export async function openedRoom(client: ConclaveClient, name: string): Promise<Room> {
  try {
    return await withRetries(() => client.room(name));
  } catch (error) {
    throw failureOf(error, { room: name });
  }
}

interface Wanted {
  readonly print: Print;
  readonly since: number | 'joined' | 'now' | undefined;
  readonly count: number | undefined;
}

async function printStored(room: Room, { print, since, count }: Wanted): Promise<void> {
  if (since !== undefined) {
    await followFrom(print, room, since, false, count);
    return;
  }
  const last = await lastStored(room, count ?? LAST_STORED_DEFAULT);
  for (const message of last.messages) await print(room, message);
}

async function followRoom(
  context: CommandContext,
  room: Room,
  { print, since, count }: Wanted,
): Promise<void> {
  const end = roomEnd(context.output, room).catch(() => undefined);
  let after = since ?? (count === undefined ? undefined : 'now');
  if (after === undefined) {
    const last = await lastStored(room, LAST_STORED_DEFAULT);
    for (const message of last.messages) await print(room, message);
    after = last.through;
  }
  if (await followFrom(print, room, after, true, count)) return;
  const gone = await end;
  if (gone !== undefined) throw goneRoomError(gone.reason, room.name);
}

/** Whether it printed as many messages as were wanted; false: there were no more. */
async function followFrom(
  print: Print,
  room: Room,
  after: number | 'joined' | 'now',
  live: boolean,
  count: number | undefined,
): Promise<boolean> {
  let left = count ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return true;
  for await (const message of room.follow({ after, live })) {
    await print(room, message);
    if (message.type === 'message') left -= 1;
    if (left <= 0) return true;
  }
  return false;
}

/** The last `count` messages in order, and the position that they speak for. */
async function lastStored(
  room: Room,
  count: number,
): Promise<{ readonly messages: readonly RoomMessage[]; readonly through: number }> {
  const through = room.head;
  const pages: (readonly RoomMessage[])[] = [];
  let found = 0;
  let before = through + 1;
  while (found < count) {
    const page = await withRetries(() => room.history({ before, limit: Math.min(PAGE, count - found) }));
    pages.unshift(page.messages);
    found += page.messages.filter(({ type }) => type === 'message').length;
    // A page that does not lead further down ends it: a server may claim for ever that there is more.
    if (!page.more || page.through >= before) break;
    before = page.through;
  }
  return { messages: pages.flat(), through };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

export function parsedSince(value: string): number | 'joined' | 'now' {
  if (value === 'all') return 'joined';
  if (value === 'now') return 'now';
  const seq = wholeNumber(value, 0, Number.MAX_SAFE_INTEGER);
  if (seq === undefined) throw usage(filled(cliTexts.usage.bad_since, { given: value }));
  return seq;
}
