import type { UserId } from '../../../src/protocol/ids.ts';
import type { UserName } from '../../../src/protocol/names.ts';
import { clockTime } from '../../chat/model/dates.ts';
import { activeRoom, type Model } from '../../chat/model/model.ts';
import { pendingCount } from '../../chat/model/room-changes.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import { exposedOnTheWay } from '../../sdk/connection/exposed-on-the-way.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate } from '../../terminal/wrap-text.ts';
import { type RankedPart, ranked, rankedRow, type StyledRow } from './styled-row.ts';

const SECOND_MS = 1_000;
const bar = { separator: ' · ', fill: 'bar' } as const;
/** What is carried out is shown with so many characters of it. */
const RUNNING_COLUMNS_MAX = 30;

/** The line above everything: where one is. Who one is goes before the facts of the room do. */
export function titleRow(model: Model, columns: number): StyledRow {
  const room = activeRoom(model);
  const { me } = model;
  const right = me === undefined ? [] : [ranked(4, me.user, 'bar'), ranked(6, `at ${me.server}`, 'bar')];
  const left = [ranked(0, room === undefined ? 'Conclave' : room.name, 'bar-strong')];
  const facts = room === undefined ? [] : roomFacts(room);
  return rankedRow({ left: [...left, ...facts], right }, columns, bar);
}

function roomFacts({ gone, members, online, open, settings }: RoomModel): readonly RankedPart[] {
  const state = (text: string): RankedPart => ({ ...ranked(1, text, 'bar'), before: '  ' });
  if (gone) return [state('you are no longer in it: /join goes back, /leave puts it away')];
  if (!open) return [state('opening …')];
  const lock = settings.locked
    ? settings.unlocked
      ? 'password room'
      : 'password not known here: /join'
    : 'open room';
  return [
    state(lock),
    ...suiteFacts(settings),
    ...(settings.hidden ? [ranked(5, 'hidden', 'bar')] : []),
    ranked(2, `${online}${members === undefined ? '' : ` of ${members.length}`} online`, 'bar'),
    ...(settings.role === 'member' ? [] : [ranked(3, `you are ${settings.role}`, 'bar')]),
  ];
}

function suiteFacts({ suite, exposedBy }: RoomModel['settings']): readonly RankedPart[] {
  if (suite === 1) return [];
  return exposedBy.length > 0
    ? [ranked(1, 'no forward secrecy', 'bar')]
    : [ranked(5, `suite ${suite}`, 'bar')];
}

/** The line above the input: how things are. What does not fit goes by its rank, the least important first. */
export function statusRow(model: Model, columns: number): StyledRow {
  const { running } = model;
  const room = activeRoom(model);
  const pending = pendingCount(model);
  const left = [
    ...(running === undefined || model.dialog !== undefined
      ? []
      : [ranked(0, `… ${truncate(visibleLine(running), RUNNING_COLUMNS_MAX)} (Esc cancels)`, 'bar-strong')]),
    ...connectionParts(model),
    ...(pending > 0 ? [ranked(1, `${pending} pending`, 'bar-warning')] : []),
    ...(room === undefined ? [] : roomParts(room, model.me?.id)),
  ];
  return rankedRow({ left, right: rightParts(model) }, columns, bar);
}

function roomParts(room: RoomModel, me: UserId | undefined): readonly RankedPart[] {
  const below =
    room.below > 0
      ? [ranked(2, `↓ ${room.below} new`, 'bar-warning')]
      : room.anchor === undefined
        ? []
        : [ranked(4, '↓ more below', 'bar')];
  const typing = room.typing.size === 0 ? [] : [ranked(3, typingText([...room.typing.values()]), 'bar')];
  const kept = room.open ? [ranked(8, keptText(room), 'bar')] : [];
  return [...below, ...typing, ...trustParts(room, me), ...kept];
}

function typingText(names: readonly UserName[]): string {
  const [one, another, third] = names;
  if (another === undefined) return `${one} is typing …`;
  return third === undefined ? `${one} and ${another} are typing …` : `${names.length} people are typing …`;
}

function rightParts({ me, now }: Model): readonly RankedPart[] {
  return [ranked(7, 'F1 help', 'bar'), ...(me === undefined ? [] : [ranked(9, clockTime(now), 'bar')])];
}

function keptText({ settings: { retention } }: RoomModel): string {
  return retention === 0 ? 'nothing stored' : `stored ${retention} ${retention === 1 ? 'day' : 'days'}`;
}

function connectionParts({ connection, me, now }: Model): readonly RankedPart[] {
  switch (connection.state) {
    case 'connecting':
      // The start page says what goes on.
      return me === undefined ? [] : [ranked(0, 'connecting …', 'bar-warning')];
    case 'online': {
      const { roundTripMs } = connection;
      const time = roundTripMs === undefined ? '' : ` ${Math.max(1, Math.round(roundTripMs))} ms`;
      return me !== undefined && exposedOnTheWay(me.server) !== undefined
        ? [ranked(0, `● connected${time}, without TLS`, 'bar-warning')]
        : [ranked(0, `● connected${time}`, 'bar-good')];
    }
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((connection.until - now) / SECOND_MS));
      return [
        ranked(0, `○ offline, next try in ${seconds} s`, 'bar-error'),
        ranked(2, 'F5 tries now', 'bar-error'),
        ranked(3, visibleLine(connection.reason), 'bar-error'),
      ];
    }
    case 'closed':
      return [ranked(0, `○ closed: ${visibleLine(connection.reason)}`, 'bar-error')];
    default:
      return connection satisfies never;
  }
}

function trustParts({ members = [] }: RoomModel, me: UserId | undefined): readonly RankedPart[] {
  const changed = members.filter(({ trust }) => trust === 'changed').map(({ user }) => user);
  if (changed.length > 0)
    return [
      ranked(1, `key of ${changed.join(', ')} changed: sending stopped, /verify or /trust`, 'bar-error'),
    ];
  const encrypted = ranked(5, 'end-to-end encrypted', 'bar');
  const others = members.filter(({ id }) => id !== me);
  if (others.length === 0) return [encrypted];
  const verified = others.filter(({ trust }) => trust === 'verified').length;
  return [encrypted, ranked(6, `${verified} of ${others.length} verified`, 'bar')];
}

/** What the terminal calls its window: the room that is shown, after the number of mentions that nobody has read. */
export function windowTitle(model: Model): string {
  const waiting = model.rooms.reduce((sum, room) => sum + room.mentions, 0);
  const room = activeRoom(model);
  const name = room === undefined ? 'Conclave' : `${room.name} – Conclave`;
  return visibleLine(waiting > 0 ? `(${waiting}) ${name}` : name);
}
