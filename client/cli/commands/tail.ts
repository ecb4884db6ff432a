import type { ConclaveClient, Room } from '../../sdk/api.ts';
import { type GoneReason, goneRoomError } from '../../sdk/rooms/gone-room.ts';
import type { MessageAction, RoomChange, RoomMessage, ShownMessage } from '../../sdk/rooms/room-events.ts';
import { visibleLine, visibleText } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { isoTime, localTime, type Output } from '../output.ts';
import { whileRead } from '../reader-gone.ts';

export interface TailOptions {
  readonly since?: string;
  readonly follow?: boolean;
  readonly count?: string;
  readonly ids?: boolean;
}

const LAST_STORED_DEFAULT = 20;
const COUNT_MAX = 1_000_000;
const PAGE = 100;

/** Prints messages of a room: those stored, and with `follow` those to come. */
export async function tailRoom(
  context: CommandContext,
  roomName: string,
  options: TailOptions,
): Promise<void> {
  const count = options.count === undefined ? undefined : parsedCount(options.count);
  const since = options.since === undefined ? undefined : parsedSince(options.since);
  const follow = options.follow === true;
  const { ids = false } = options;
  const print = (message: RoomMessage): void => printMessage(context.output, message, { ids });
  const client = await context.connected();
  const room = await withRetries(() => client.room(roomName));
  const wanted = { since, count };
  if (follow) await whileRead(context.stdout, followRoom(context, client, room, { ...wanted, print }));
  else await printStored(room, { ...wanted, print });
}

interface Wanted {
  readonly print: (message: RoomMessage) => void;
  readonly since: number | 'joined' | 'now' | undefined;
  readonly count: number | undefined;
}

async function printStored(room: Room, { print, since, count }: Wanted): Promise<void> {
  if (since !== undefined) {
    await followFrom(print, room, since, false, count);
    return;
  }
  const last = await lastStored(room, count ?? LAST_STORED_DEFAULT);
  for (const message of last.messages) print(message);
}

/** Rejects when the room or the membership ends: whoever follows it has to hear of that. */
async function followRoom(
  context: CommandContext,
  client: ConclaveClient,
  room: Room,
  { print, since, count }: Wanted,
): Promise<void> {
  void tellConnection(context.output, client).catch(() => undefined);
  const end = roomEnd(context.output, room).catch(() => undefined);
  let after = since ?? (count === undefined ? undefined : 'now');
  if (after === undefined) {
    const last = await lastStored(room, LAST_STORED_DEFAULT);
    for (const message of last.messages) print(message);
    after = last.through;
  }
  if (await followFrom(print, room, after, true, count)) return;
  const reason = await end;
  if (reason !== undefined) throw goneRoomError(reason, room.name);
}

/** Whether it printed as many messages as were wanted; false: there were no more. */
async function followFrom(
  print: (message: RoomMessage) => void,
  room: Room,
  after: number | 'joined' | 'now',
  live: boolean,
  count: number | undefined,
): Promise<boolean> {
  let left = count ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return true;
  for await (const message of room.follow({ after, live })) {
    print(message);
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

/** Prints the changes of a room until it is gone: why, or undefined when the client was closed. */
async function roomEnd(output: Output, room: Room): Promise<GoneReason | undefined> {
  for await (const change of room.changes()) {
    printChange(output, change);
    if (change.type === 'room-gone') return change.reason;
  }
  return undefined;
}

async function tellConnection(output: Output, client: ConclaveClient): Promise<void> {
  for await (const status of client.statuses()) {
    output.data({ type: 'connection', state: status.state });
    if (!output.json && status.state === 'waiting')
      output.note(
        cliTexts.said.not_connected({ reason: status.reason, seconds: Math.ceil(status.retryInMs / 1000) }),
      );
  }
}

/** `withRoom`: people are told which room it is from; scripts always are. */
export function printMessage(
  output: Output,
  message: RoomMessage,
  options: { readonly withRoom?: boolean; readonly ids?: boolean } = {},
): void {
  if (message.type === 'gap') {
    const { room, from, missing, seq } = message;
    output.data(
      { type: 'gap', room, from, missing, seq },
      ' '.repeat(20) + cliTexts.said.gap({ from, missing, seq }),
    );
    return;
  }
  const { type, room, seq, id, from, user: _user, at, sentAt, trust, marks, ...said } = message;
  const times = { at: isoTime(at), ...(sentAt === undefined ? {} : { sentAt: isoTime(sentAt) }) };
  const line = { type, room, seq, id, from, ...times, ...said, trust, marks };
  const place = `${options.withRoom === true ? `[${room}] ` : ''}${options.ids === true ? `${shortId(id)}  ` : ''}`;
  const written =
    sentAt === undefined ? '' : ` ${filled(cliTexts.said.written_at, { time: localTime(sentAt) })}`;
  const remarks = marks === undefined ? '' : ` [${marks.map((mark) => texts.words.mark[mark]).join(', ')}]`;
  output.data(line, `${localTime(at)}  ${place}${from}${humanBody(message)}${written}${remarks}`);
}

/** What follows the name. Which message an action is about is told by its id: its text may be long gone by. */
function humanBody(message: ShownMessage | MessageAction): string {
  switch (message.type) {
    case 'message': {
      const { status, text, reason, re } = message;
      if (status !== 'ok')
        return `: [${texts.words.status[status]}: ${visibleLine(reason ?? cliTexts.said.no_reason)}]`;
      const to = re === undefined ? '' : ` ${filled(cliTexts.said.answers, { id: shortId(re) })}`;
      return `${to}: ${indented(text ?? '')}`;
    }
    case 'edit':
      return ` ${filled(cliTexts.said.edited, { id: shortId(message.of) })}: ${indented(message.text)}`;
    case 'retract':
      return ` ${filled(cliTexts.said.retracted, { id: shortId(message.of) })}`;
    case 'react': {
      const about = { id: shortId(message.of), emoji: visibleLine(message.emoji) };
      return ` ${filled(cliTexts.said[message.add ? 'reacted' : 'took_reaction'], about)}`;
    }
    default:
      return message satisfies never;
  }
}

const shortId = (id: string): string => id.slice(0, 8);

function indented(text: string): string {
  return visibleText(text).replaceAll('\n', `\n${' '.repeat(21)}`);
}

const membershipTexts = {
  'member-joined': 'member_joined',
  'member-left': 'member_left',
  'member-kicked': 'member_kicked',
} as const;

function printChange(output: Output, change: RoomChange): void {
  switch (change.type) {
    case 'member-joined':
    case 'member-left':
    case 'member-kicked':
      output.data({ type: change.type, room: change.room, user: change.user });
      if (!output.json)
        output.note(`-- ${filled(cliTexts.said[membershipTexts[change.type]], { user: change.user })}`);
      return;
    case 'members-differ':
      output.data({ type: change.type, room: change.room, joined: change.joined, left: change.left });
      if (!output.json) output.note(`-- ${texts.people.members_differ(change)}`);
      return;
    case 'key-changed':
      output.data({ type: change.type, room: change.room, user: change.user });
      if (!output.json)
        output.note(
          `-- ${filled(cliTexts.said[change.accepted ? 'key_signed' : 'key_changed'], { user: change.user })}`,
        );
      return;
    case 'room-changed':
      output.data({
        type: change.type,
        room: change.room,
        ...(change.formerName === undefined ? {} : { formerName: change.formerName }),
        retention: change.retention,
        hidden: change.hidden,
        password: change.locked,
        header: change.header,
        suite: change.suite,
      });
      if (!output.json)
        output.note(
          `-- ${filled(cliTexts.said[change.formerName === undefined ? 'settings_changed' : 'room_renamed'], { room: change.room, former: change.formerName })}`,
        );
      return;
    case 'room-gone':
      output.data({ type: change.type, room: change.room, reason: change.reason });
      return;
    case 'member-role':
    case 'presence':
    case 'typing':
    case 'epoch-progress':
    case 'overflow':
      return;
    default:
      change satisfies never;
  }
}

function parsedCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 0 || count > COUNT_MAX)
    throw usage(filled(cliTexts.usage.bad_count, { given: value, from: 0, count: COUNT_MAX }));
  return count;
}

function parsedSince(value: string): number | 'joined' | 'now' {
  if (value === 'all') return 'joined';
  if (value === 'now') return 'now';
  const seq = Number(value);
  if (value === '' || !Number.isSafeInteger(seq) || seq < 0)
    throw usage(filled(cliTexts.usage.bad_since, { given: value }));
  return seq;
}
