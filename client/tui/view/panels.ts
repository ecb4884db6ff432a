import type { Model } from '../../chat/model/model.ts';
import { isUnread, type RoomModel, unreadText } from '../../chat/model/room-model.ts';
import type { Member } from '../../sdk/api.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { nameStyle } from './entry-rows.ts';
import { fitted, piece, type Style, type StyledRow, spread } from './styled-row.ts';

/** Numbers above it are not worth their columns. */
const COUNT_SHOWN_MAX = 999;

/** The list of rooms; the active one is always among what is shown. */
export function roomRows(model: Model, columns: number, height: number): readonly StyledRow[] {
  const rows: StyledRow[] = [];
  const top = firstShown(
    model.rooms.findIndex(({ id }) => id === model.active),
    model.rooms.length,
    height,
  );
  for (const [index, room] of model.rooms.slice(top, top + height).entries())
    rows.push(roomRow(room, top + index, room.id === model.active, columns));
  return rows;
}

function roomRow(room: RoomModel, index: number, isActive: boolean, columns: number): StyledRow {
  const number = index < 9 ? `${index + 1} ` : '  ';
  const draft = room.draft === '' || isActive ? '' : '✎';
  const counts: StyledRow = isActive
    ? []
    : [
        ...(draft === '' ? [] : [piece(draft, 'dim')]),
        ...(room.mentions > 0 ? [piece(` @${shortCount(room.mentions)}`, 'mention')] : []),
        ...(isUnread(room) ? [piece(` ${unreadText(room, COUNT_SHOWN_MAX)}`, 'accent')] : []),
      ];
  const style: Style = isActive ? 'selected' : isUnread(room) ? 'strong' : 'plain';
  const lock = room.settings.locked ? '*' : '';
  const left = [piece(number, isActive ? 'selected' : 'dim'), piece(`${room.name}${lock}`, style)];
  return spread(left, counts, columns, isActive ? 'selected' : 'plain');
}

function shortCount(count: number): string {
  return count > COUNT_SHOWN_MAX ? `${COUNT_SHOWN_MAX}+` : String(count);
}

function firstShown(active: number, count: number, height: number): number {
  if (active < 0 || count <= height) return 0;
  return Math.min(Math.max(0, active - Math.floor(height / 2)), count - height);
}

/** Who is in the room: those online first; roles and trust beside the names. */
export function memberRows(room: RoomModel, columns: number, height: number): readonly StyledRow[] {
  const { members } = room;
  if (room.gone) return [];
  if (members === undefined) return [[piece(' …', 'dim')]];
  const sorted = [...members].sort((a, b) => Number(b.online === true) - Number(a.online === true));
  const heading: StyledRow = [piece(` ${tuiTexts.bars.online_of(room.online, members.length)}`, 'dim')];
  const room1 = height - 1;
  const shown = sorted.slice(0, sorted.length > room1 ? room1 - 1 : room1);
  const rows = [fitted(heading, columns), ...shown.map((member) => memberRow(member, columns))];
  if (shown.length < sorted.length)
    rows.push([piece(` ${tuiTexts.bars.more_members(sorted.length - shown.length)}`, 'dim')]);
  return rows;
}

function memberRow({ user, id, role, online, trust }: Member, columns: number): StyledRow {
  const presence =
    online === undefined ? piece(' ? ', 'dim') : online ? piece(' ● ', 'good') : piece(' ○ ', 'dim');
  const sign = roleSign[role];
  const mark =
    trust === 'verified' ? piece(' ✓', 'good') : trust === 'changed' ? piece(' !', 'error') : piece('');
  const name = piece(`${sign}${user}`, online === false ? 'dim' : nameStyle(id));
  return fitted([presence, name, mark], columns);
}

const roleSign = { owner: '~', moderator: '@', member: '' } as const;
