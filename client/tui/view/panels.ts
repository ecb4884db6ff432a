import type { Model } from '../../chat/model/model.ts';
import { isUnread, type RoomModel, unreadText } from '../../chat/model/room-model.ts';
import type { Member } from '../../sdk/rooms/room.ts';
import { wrapText } from '../../terminal/wrap-text.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { nameStyle } from './entry-rows.ts';
import { fitted, piece, rowWidth, type Style, type StyledRow, spread } from './styled-row.ts';

/** Numbers above it are not worth their columns. */
const COUNT_SHOWN_MAX = 999;

/** Before a room's name. */
const NUMBER_COLUMNS = 2;

/**
 * The list of rooms; the active one is always among what is shown. A name that does not fit goes on in the next row: cut, it might look
 * like another one.
 */
export function roomRows(model: Model, columns: number, height: number): readonly StyledRow[] {
  const rows: StyledRow[] = [];
  let activeRow = -1;
  for (const [index, room] of model.rooms.entries()) {
    const isActive = room.id === model.active;
    if (isActive) activeRow = rows.length;
    rows.push(...rowsOfRoom(room, index, isActive, columns));
  }
  const top = firstShown(activeRow, rows.length, height);
  return rows.slice(top, top + height);
}

function rowsOfRoom(
  room: RoomModel,
  index: number,
  isActive: boolean,
  columns: number,
): readonly StyledRow[] {
  const number = index < 9 ? `${index + 1} ` : '  ';
  const style: Style = isActive ? 'selected' : isUnread(room) ? 'strong' : 'plain';
  const fill = isActive ? 'selected' : 'plain';
  const lock = room.settings.locked ? '*' : '';
  const names = wrapText(`${room.name}${lock}`, columns - NUMBER_COLUMNS).map(
    (part, at): StyledRow => [
      piece(at === 0 ? number : ' '.repeat(NUMBER_COLUMNS), isActive ? 'selected' : 'dim'),
      piece(part, style),
    ],
  );
  const counts = isActive ? [] : countsOf(room);
  const last = names.at(-1) ?? [];
  const hasRoom = counts.length === 0 || rowWidth(last) + rowWidth(counts) < columns;
  return [
    ...names.slice(0, -1).map((row) => fitted(row, columns, fill)),
    ...(hasRoom
      ? [spread(last, counts, columns, fill)]
      : [fitted(last, columns, fill), spread([], counts, columns)]),
  ];
}

/** What nobody has read, and whether something is typed. */
function countsOf(room: RoomModel): StyledRow {
  return [
    ...(room.draft === '' ? [] : [piece('✎', 'dim')]),
    ...(room.mentions > 0 ? [piece(` @${shortCount(room.mentions)}`, 'mention')] : []),
    ...(isUnread(room) ? [piece(` ${unreadText(room, COUNT_SHOWN_MAX)}`, 'accent')] : []),
  ];
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
  const rows = [fitted(heading, columns)];
  for (const [index, member] of sorted.entries()) {
    const more = rowsOfMember(member, columns);
    const isLast = index === sorted.length - 1;
    if (rows.length + more.length + (isLast ? 0 : 1) > height)
      return [...rows, [piece(` ${tuiTexts.bars.more_members(sorted.length - index)}`, 'dim')]];
    rows.push(...more);
  }
  return rows;
}

/** Whether somebody is online, before the name. */
const PRESENCE_COLUMNS = 3;
/** How far they are trusted, behind it. */
const TRUST_COLUMNS = 2;

/** A name that does not fit goes on in the next row: cut, it might look like another one. */
function rowsOfMember({ user, id, role, online, trust }: Member, columns: number): readonly StyledRow[] {
  const presence =
    online === undefined ? piece(' ? ', 'dim') : online ? piece(' ● ', 'good') : piece(' ○ ', 'dim');
  const mark =
    trust === 'verified' ? piece(' ✓', 'good') : trust === 'changed' ? piece(' !', 'error') : piece('');
  const style = online === false ? 'dim' : nameStyle(id);
  const names = wrapText(`${roleSign[role]}${user}`, columns - PRESENCE_COLUMNS - TRUST_COLUMNS);
  return names.map((part, at) =>
    fitted(
      [
        at === 0 ? presence : piece(' '.repeat(PRESENCE_COLUMNS)),
        piece(part, style),
        at === names.length - 1 ? mark : piece(''),
      ],
      columns,
    ),
  );
}

const roleSign = { owner: '~', moderator: '@', member: '' } as const;
