import type { Role } from '../../../src/protocol/entities.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { mayUse } from '../../chat/commands/command-table.ts';
import { clockTime, keptText } from '../../chat/model/dates.ts';
import { type MessageEntry, saysSomething } from '../../chat/model/entry.ts';
import { addressesIn } from '../../chat/model/links.ts';
import { activeRoom, type Model } from '../../chat/model/model.ts';
import { accessText, isHidden } from '../../chat/model/room-access.ts';
import { pendingCount } from '../../chat/model/room-changes.ts';
import { lifeIn, type RoomModel } from '../../chat/model/room-model.ts';
import { selectedMessage } from '../../chat/model/selection.ts';
import { exposedOnTheWay } from '../../sdk/connection/exposed-on-the-way.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { truncate } from '../../terminal/wrap-text.ts';
import { lifeText } from '../../texts/message-life.ts';
import { texts } from '../../texts/texts.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { MESSAGE_ACTIONS, type MessageAction } from '../keys/actions.ts';
import type { KeyHints } from '../keys/key-hints.ts';
import type { ScreenModel } from '../screen-model.ts';
import { type RankedPart, ranked, rankedRow, type StyledRow } from './styled-row.ts';

const SECOND_MS = 1_000;
const { bars } = tuiTexts;
const bar = { separator: ' · ', fill: 'bar' } as const;
/** What is carried out is shown with so many characters of it. */
const RUNNING_COLUMNS_MAX = 30;

/** The line above everything: where one is. Who one is goes before the facts of the room do. */
export function titleRow(model: Model, columns: number): StyledRow {
  const room = activeRoom(model);
  const { me } = model;
  const right = me === undefined ? [] : [ranked(4, me.user, 'bar'), ranked(6, bars.at(me.server), 'bar')];
  const left = [ranked(0, room === undefined ? bars.product : room.name, 'bar-strong')];
  const facts = room === undefined ? [] : roomFacts(room);
  return rankedRow({ left: [...left, ...facts], right }, columns, bar);
}

function roomFacts(room: RoomModel): readonly RankedPart[] {
  const { fault, gone, kept, members, online, open, settings } = room;
  const state = (text: string): RankedPart => ({ ...ranked(1, text, 'bar'), before: '  ' });
  if (gone) return [state(bars.gone)];
  if (kept) return [state(bars.kept)];
  if (!open) return [state(fault === undefined ? bars.opening : bars.not_open)];
  return [
    state(accessText(room)),
    ...suiteFacts(settings),
    ...(isHidden(room) ? [ranked(5, bars.hidden, 'bar')] : []),
    ranked(2, members === undefined ? bars.online(online) : bars.online_of(online, members.length), 'bar'),
    ...(settings.role === 'member' ? [] : [ranked(3, bars.you_are(texts.words.role[settings.role]), 'bar')]),
  ];
}

function suiteFacts({ suite, exposedBy }: RoomModel['settings']): readonly RankedPart[] {
  if (suite === 1) return [];
  return exposedBy.length > 0
    ? [ranked(1, bars.no_forward_secrecy, 'bar')]
    : [ranked(5, bars.suite(suite), 'bar')];
}

/** The line above the input: how things are. What does not fit goes by its rank, the least important first. */
export function statusRow(model: ScreenModel, columns: number): StyledRow {
  const { running } = model;
  const room = activeRoom(model);
  const pending = pendingCount(model);
  const selected = model.dialog === undefined ? selectedMessage(room) : undefined;
  const left = [
    ...(selected === undefined || room === undefined
      ? []
      : messageParts(selected, room.settings.role, model.hints)),
    ...(running === undefined || model.dialog !== undefined
      ? []
      : [ranked(0, runningText(running, model.hints), 'bar-strong')]),
    ...connectionParts(model),
    ...(pending > 0 ? [ranked(1, bars.pending(pending), 'bar-warning')] : []),
    ...(room === undefined ? [] : roomParts(room, model.me?.id)),
  ];
  return rankedRow({ left, right: rightParts(model) }, columns, bar);
}

/** What can be done to the selected message, with the keys for it. */
function messageParts(message: MessageEntry, role: Role, hints: KeyHints): readonly RankedPart[] {
  const isReadable = saysSomething(message);
  const canDo: Readonly<Record<MessageAction, boolean>> = {
    reply: isReadable,
    edit: isReadable && message.own,
    react: isReadable,
    copy: isReadable,
    'open-link': isReadable && addressesIn(message.text).length > 0,
    earlier: message.edited,
    remove: isReadable && !message.own && mayUse('remove', role),
    retract: (isReadable || message.disappeared) && message.own,
    'jump-to-answered': message.answers !== undefined,
  };
  const parts = MESSAGE_ACTIONS.flatMap((id) => {
    const key = canDo[id] ? hints.of(id) : undefined;
    return key === undefined ? [] : [bars.key(key, bars.message[id])];
  });
  const leave = hints.of('cancel');
  return [
    ...parts.map((text) => ranked(0, text, 'bar-strong')),
    // How to get out of it is the last to go.
    ...(leave === undefined ? [] : [ranked(-1, bars.key(leave, bars.leave), 'bar-strong')]),
  ];
}

function roomParts(room: RoomModel, me: UserId | undefined): readonly RankedPart[] {
  const below =
    room.below > 0
      ? [ranked(2, bars.new_below(room.below), 'bar-warning')]
      : room.anchor === undefined
        ? []
        : [ranked(4, bars.more_below, 'bar')];
  const typing = room.typing.size === 0 ? [] : [ranked(3, bars.typing([...room.typing.values()]), 'bar')];
  const keying = room.keying === undefined ? [] : [ranked(1, bars.keying(room.keying), 'bar')];
  const life = lifeIn(room);
  const passing = life === undefined ? [] : [ranked(1, bars.disappearing(lifeText(life)), 'bar-warning')];
  const kept = room.open ? [ranked(8, storedText(room), 'bar')] : [];
  return [...passing, ...keying, ...below, ...typing, ...trustParts(room, me), ...kept];
}

function runningText(running: string, hints: KeyHints): string {
  return bars.running(truncate(visibleLine(running), RUNNING_COLUMNS_MAX), hints.of('cancel'));
}

function rightParts({ hints, me, now }: ScreenModel): readonly RankedPart[] {
  const help = hints.of('help');
  return [
    ...(help === undefined ? [] : [ranked(7, bars.help(help), 'bar')]),
    ...(me === undefined ? [] : [ranked(9, clockTime(now), 'bar')]),
  ];
}

function storedText({ settings: { retentionHours } }: RoomModel): string {
  return retentionHours === 0 ? bars.nothing_stored : bars.stored(keptText(retentionHours));
}

function connectionParts({ connection, heldUp, hints, me, now }: ScreenModel): readonly RankedPart[] {
  switch (connection.state) {
    case 'connecting':
      // The start page says what goes on.
      return me === undefined ? [] : [ranked(0, bars.connecting, 'bar-warning')];
    case 'online': {
      if (heldUp !== undefined) return [ranked(0, bars.held_up(visibleLine(heldUp)), 'bar-warning')];
      const { roundTripMs } = connection;
      const connected =
        roundTripMs === undefined ? bars.connected : bars.connected_in(Math.max(1, Math.round(roundTripMs)));
      return me !== undefined && exposedOnTheWay(me.server) !== undefined
        ? [ranked(0, bars.without_tls(connected), 'bar-warning')]
        : [ranked(0, connected, 'bar-good')];
    }
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((connection.until - now) / SECOND_MS));
      return [
        ranked(0, bars.offline(seconds), 'bar-error'),
        ranked(2, bars.retry_now(hints.of('reconnect') ?? '/reconnect'), 'bar-error'),
        ranked(3, visibleLine(connection.reason), 'bar-error'),
      ];
    }
    case 'closed':
      return [ranked(0, bars.closed(visibleLine(connection.reason)), 'bar-error')];
    default:
      return connection satisfies never;
  }
}

function trustParts({ members = [] }: RoomModel, me: UserId | undefined): readonly RankedPart[] {
  const changed = members.filter(({ trust }) => trust === 'changed').map(({ user }) => user);
  if (changed.length > 0) return [ranked(1, bars.key_changed(changed), 'bar-error')];
  const encrypted = ranked(5, bars.encrypted, 'bar');
  const others = members.filter(({ id }) => id !== me);
  if (others.length === 0) return [encrypted];
  const verified = others.filter(({ trust }) => trust === 'verified').length;
  return [encrypted, ranked(6, bars.verified(verified, others.length), 'bar')];
}

/** What the terminal calls its window: the room that is shown, after the number of mentions that nobody has read. */
export function windowTitle(model: Model): string {
  const waiting = model.rooms.reduce((sum, room) => sum + room.mentions, 0);
  const room = activeRoom(model);
  const name = room === undefined ? bars.product : bars.window(room.name);
  return visibleLine(waiting > 0 ? `(${waiting}) ${name}` : name);
}
