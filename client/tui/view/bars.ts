import type { UserId } from '../../../src/protocol/ids.ts';
import { exposedOnTheWay } from '../../sdk/connection/exposed-on-the-way.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { activeRoom, type Model } from '../model/model.ts';
import { pendingCount } from '../model/room-changes.ts';
import type { RoomModel } from '../model/room-model.ts';
import { type Piece, piece, type StyledRow, spread } from './styled-row.ts';

const SECOND_MS = 1_000;

/** The line above everything: where one is. */
export function titleRow(model: Model, columns: number): StyledRow {
  const room = activeRoom(model);
  const { me } = model;
  const right = me === undefined ? [] : [piece(` ${me.user} at ${me.server} `, 'bar')];
  if (room === undefined) return spread([piece(' Conclave', 'bar-strong')], right, columns, 'bar');
  const left = [piece(` ${room.name}`, 'bar-strong'), piece(`  ${roomFacts(room).join(' · ')}`, 'bar')];
  return spread(left, right, columns, 'bar');
}

function roomFacts({ gone, members, online, open, settings }: RoomModel): readonly string[] {
  if (gone) return ['you are not in it any more: /leave puts it away'];
  if (!open) return ['opening …'];
  return [
    settings.locked ? (settings.unlocked ? 'password room' : 'password not known here: /join') : 'open room',
    ...(settings.hidden ? ['hidden'] : []),
    `${online}${members === undefined ? '' : ` of ${members.length}`} online`,
    ...(settings.role === 'member' ? [] : [`you are ${settings.role}`]),
  ];
}

/** The line above the input: how things are. */
export function statusRow(model: Model, columns: number): StyledRow {
  const room = activeRoom(model);
  const left: Piece[] = [piece(' ', 'bar'), connectionPiece(model)];
  const pending = pendingCount(model);
  if (pending > 0) left.push(piece(` · ${pending} pending`, 'bar-warning'));
  if (room !== undefined) {
    if (room.below > 0) left.push(piece(` · ↓ ${room.below} new`, 'bar-warning'));
    else if (room.scroll !== undefined) left.push(piece(' · ↓ more below', 'bar'));
    left.push(piece(' · ', 'bar'), trustPiece(room, model.me?.id));
    left.push(piece(` · ${keptText(room)}`, 'bar'));
  }
  return spread(left, [piece('F1 help ', 'bar')], columns, 'bar');
}

function keptText({ settings: { retention } }: RoomModel): string {
  return retention === 0 ? 'nothing stored' : `stored ${retention} ${retention === 1 ? 'day' : 'days'}`;
}

function connectionPiece({ connection, me, now }: Model): Piece {
  switch (connection.state) {
    case 'connecting':
      // The start page says what goes on.
      return me === undefined ? piece('') : piece('connecting …', 'bar-warning');
    case 'online': {
      const { roundTripMs } = connection;
      const time = roundTripMs === undefined ? '' : ` ${Math.max(1, Math.round(roundTripMs))} ms`;
      return me !== undefined && exposedOnTheWay(me.server) !== undefined
        ? piece(`● connected${time}, without TLS`, 'bar-warning')
        : piece(`● connected${time}`, 'bar-good');
    }
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((connection.until - now) / SECOND_MS));
      return piece(
        `○ not connected, next attempt in ${seconds} s (${visibleLine(connection.reason)})`,
        'bar-error',
      );
    }
    case 'closed':
      return piece(`○ closed: ${visibleLine(connection.reason)}`, 'bar-error');
    default:
      return connection satisfies never;
  }
}

function trustPiece({ members }: RoomModel, me: UserId | undefined): Piece {
  if (members === undefined) return piece('end-to-end encrypted', 'bar');
  const changed = members.filter(({ trust }) => trust === 'changed').map(({ user }) => user);
  if (changed.length > 0)
    return piece(`key of ${changed.join(', ')} changed: sending stopped, /verify or /trust`, 'bar-error');
  const others = members.filter(({ id }) => id !== me);
  if (others.length === 0) return piece('end-to-end encrypted', 'bar');
  const verified = others.filter(({ trust }) => trust === 'verified').length;
  return piece(`end-to-end encrypted, ${verified} of ${others.length} verified`, 'bar');
}
