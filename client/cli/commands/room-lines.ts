import type { SharedFile } from '../../../src/protocol/layouts/content.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import type { MessageAction, RoomChange, RoomMessage, ShownMessage } from '../../sdk/rooms/room-events.ts';
import { visibleLine, visibleText } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { lifeText } from '../../texts/message-life.ts';
import { lifeChangedText, lifeRefusedText } from '../../texts/room-life-text.ts';
import { texts } from '../../texts/texts.ts';
import { fileLine, fileText } from '../files/file-line.ts';
import { isoTime, localTime, type Output } from '../output.ts';
import { showProgress } from './epoch-progress.ts';

/** What stands below the first line of a message is below its name. */
const INDENT = ' '.repeat(21);

type Gone = Extract<RoomChange, { readonly type: 'room-gone' }>;

/** Prints the changes of a room until it is gone: why, or undefined when the client was closed. */
export async function roomEnd(output: Output, room: Room): Promise<Gone | undefined> {
  for await (const change of room.changes()) {
    printChange(output, change);
    if (change.type === 'room-gone') return change;
  }
  return undefined;
}

export async function tellConnection(output: Output, client: ConclaveClient): Promise<void> {
  for await (const { state } of client.statuses()) output.data({ type: 'connection', state });
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
  const { type, room, seq, id, from, user: _user, at, sentAt, trust, marks, ...rest } = message;
  const files = filesOf(message);
  const said = files.length === 0 ? rest : { ...rest, files: files.map(fileLine) };
  const times = { at: isoTime(at), ...(sentAt === undefined ? {} : { sentAt: isoTime(sentAt) }) };
  const line = { type, room, seq, id, from, ...times, ...said, trust, marks };
  const place = `${options.withRoom === true ? `[${room}] ` : ''}${options.ids === true ? `${shortId(id)}  ` : ''}`;
  const written =
    sentAt === undefined ? '' : ` [${filled(cliTexts.said.written_at, { time: localTime(sentAt) })}]`;
  const expires = expiresOf(message);
  const passing = expires === undefined ? '' : ` [${lasting(expires)}]`;
  const remarks = marks === undefined ? '' : ` [${marks.map((mark) => texts.words.mark[mark]).join(', ')}]`;
  output.data(line, `${localTime(at)}  ${place}${from}${humanBody(message)}${written}${passing}${remarks}`);
}

/** What follows the name. Which message an action is about is told by its id: its text may be long gone by. */
function humanBody(message: ShownMessage | MessageAction): string {
  switch (message.type) {
    case 'message': {
      const { disappeared = false, status, text, reason, re } = message;
      if (status !== 'ok')
        return `: [${texts.words.status[status]}: ${visibleLine(reason ?? cliTexts.said.no_reason)}]`;
      if (disappeared) return `: ${cliTexts.said.disappeared}`;
      const to = re === undefined ? '' : ` ${filled(cliTexts.said.answers, { id: shortId(re) })}`;
      return `${to}: ${[indented(text ?? ''), ...filesOf(message).map(fileText)].join(`\n${INDENT}`)}`;
    }
    case 'edit':
      return ` ${filled(cliTexts.said.edited, { id: shortId(message.of) })}: ${
        message.disappeared === true ? cliTexts.said.disappeared : indented(message.text)
      }`;
    case 'retract':
      return ` ${filled(cliTexts.said.retracted, { id: shortId(message.of) })}`;
    case 'react': {
      const about = { id: shortId(message.of), emoji: visibleLine(message.emoji) };
      return ` ${filled(cliTexts.said[message.add ? 'reacted' : 'took_reaction'], about)}`;
    }
    case 'remove': {
      const { of, why, role } = message;
      const about = {
        id: shortId(of),
        role: role === undefined ? texts.words.unknown : texts.words.role[role],
      };
      const words = why === undefined ? '' : `: ${visibleLine(why)}`;
      return ` ${filled(cliTexts.said.removed, about)}${words}`;
    }
    default:
      return message satisfies never;
  }
}

/** Undefined: it stays, or is over. */
function expiresOf(message: ShownMessage | MessageAction): number | undefined {
  const mayPass = message.type === 'message' || message.type === 'edit';
  return mayPass && message.disappeared !== true ? message.expires : undefined;
}

/** That a message disappears, and when. */
export function lasting(expires: number): string {
  return filled(cliTexts.said.disappears, { life: lifeText(expires) });
}

function filesOf(message: ShownMessage | MessageAction): readonly SharedFile[] {
  return message.type === 'message' || message.type === 'edit' ? (message.files ?? []) : [];
}

const shortId = (id: string): string => id.slice(0, 8);

function indented(text: string): string {
  return visibleText(text).replaceAll('\n', `\n${INDENT}`);
}

const membershipTexts = {
  'member-joined': 'member_joined',
  'member-left': 'member_left',
} as const;

export function printChange(output: Output, change: RoomChange): void {
  switch (change.type) {
    case 'member-joined':
    case 'member-left':
      output.data({ type: change.type, room: change.room, user: change.user });
      if (!output.json)
        output.note(`-- ${filled(cliTexts.said[membershipTexts[change.type]], { user: change.user })}`);
      return;
    case 'member-kicked': {
      const { type, room, user, banned, by, why } = change;
      output.data({ type, room, user, banned, by, why });
      const said = filled(cliTexts.said[banned ? 'member_banned' : 'member_kicked'], { user });
      if (!output.json) output.note(`-- ${said}${texts.people.expulsion(change)}`);
      return;
    }
    case 'members-differ':
      output.data({ type: change.type, room: change.room, joined: change.joined, left: change.left });
      if (!output.json) output.note(`-- ${texts.people.members_differ(change)}`);
      return;
    case 'life-changed':
    case 'life-refused':
      printLife(output, change);
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
        ...hoursOf(change),
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
    case 'epoch-progress':
      showProgress(output, change);
      return;
    case 'room-gone': {
      const { type, room, reason, by, why } = change;
      output.data({ type, room, reason, by, why });
      if (by !== undefined && !output.json)
        output.note(`-- ${cliTexts.said.put_out}${texts.people.expulsion(change)}`);
      return;
    }
    case 'messages-disappeared': {
      const { type, room, messages } = change;
      // What a terminal has shown is beyond a program that prints lines; another program can forget.
      output.data({ type, room, ids: messages.map(({ id }) => id) });
      return;
    }
    case 'member-role':
    case 'presence':
    case 'typing':
    case 'exposure-changed':
    case 'overflow':
      return;
    default:
      change satisfies never;
  }
}

function printLife(
  output: Output,
  change: Extract<RoomChange, { readonly type: 'life-changed' | 'life-refused' }>,
): void {
  const { room, seconds } = change;
  if (change.type === 'life-changed') output.data({ type: change.type, room, user: change.user, seconds });
  else output.data({ type: change.type, room, kind: change.kind, seconds });
  const said = change.type === 'life-changed' ? lifeChangedText(change) : lifeRefusedText(change);
  if (!output.json) output.note(`-- ${said}`);
}

/** Where the days do not say it. */
function hoursOf({ retention, retentionHours }: Pick<Room, 'retention' | 'retentionHours'>): object {
  return retentionHours === 24 * retention ? {} : { retentionHours };
}
