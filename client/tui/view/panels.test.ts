import { describe, expect, test } from 'vitest';
import { roomIdOf, sampleModel, userIdOf, userName } from '../../../test/support/chat/sample-model.ts';
import { type Model, withRoom } from '../../chat/model/model.ts';
import type { RoomModel } from '../../chat/model/room-model.ts';
import type { Member } from '../../sdk/rooms/room.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { memberRows, roomRows } from './panels.ts';
import { noRoomRows } from './start-rows.ts';
import type { StyledRow } from './styled-row.ts';

const written = (rows: readonly StyledRow[]): readonly string[] =>
  rows.map((row) => row.map(({ text }) => text).join(''));
/** All that is in a panel, without where its rows end. */
const joined = (rows: readonly StyledRow[]): string => written(rows).join('').replaceAll(/\s/g, '');

function roomWith(names: readonly string[], more: Partial<Member> = {}): RoomModel {
  const members = names.map(
    (name, at): Member => ({
      ...{ user: userName(name), id: userIdOf(at), role: 'member', online: true, trust: 'verified' },
      ...more,
    }),
  );
  const [room] = sampleModel().rooms;
  return room === undefined ? expect.unreachable() : { ...room, members, online: names.length };
}

describe('the members', () => {
  const alike = ['administratorAlice', 'administratorAlicia', 'abcdefghijklmnopqrst', 'bob'];

  test.each([10, 14, 20, 60])('have whole names in %i columns, so that no two look alike', (columns) => {
    const rows = memberRows(roomWith(alike, { role: 'owner' }), columns, 40);
    expect(joined(rows)).toContain(alike.map((name) => `●~${name}✓`).join(''));
    for (const row of written(rows)) expect(textWidth(row)).toBe(columns);
  });

  test('that do not fit are counted', () => {
    const room = roomWith(alike);
    for (let height = 2; height < 12; height += 1) {
      const rows = written(memberRows(room, 20, height));
      expect(rows.length).toBeLessThanOrEqual(height);
      const shown = rows.filter((row) => row.includes('●')).length;
      const counted = Number(/\+(\d) more/.exec(rows.at(-1) ?? '')?.[1] ?? 0);
      expect(shown + counted).toBe(alike.length);
    }
  });
});

describe('the rooms', () => {
  const alike = ['OperationsOfTheNorthernRegionA', 'OperationsOfTheNorthernRegionB'];
  const model = (unread: number, active = 0): Model =>
    withRoom({ ...sampleModel(['Lobby', ...alike]), active: roomIdOf(active) }, roomIdOf(1), (room) => ({
      ...room,
      unread,
    }));

  test.each([10, 18, 40])(
    'have whole names and counts in %i columns, so that no two look alike',
    (columns) => {
      const rows = roomRows(model(21), columns, 40);
      expect(joined(rows)).toBe(`1Lobby2${alike[0]}213${alike[1]}`);
      for (const row of written(rows)) expect(textWidth(row)).toBe(columns);
    },
  );

  test('that do not fit leave the active one in sight', () => {
    for (const active of [0, 1, 2])
      for (const height of [2, 3, 4])
        expect(written(roomRows(model(0, active), 18, height)).join('\n')).toContain(`${active + 1} `);
  });
});

test.each([30, 40, 61, 80])('what somebody without a room can do is said whole in %i columns', (columns) => {
  const rows = noRoomRows(columns);
  expect(joined(rows)).toContain('/roomslisttherooms');
  for (const row of written(rows)) {
    expect(row).not.toContain('…');
    expect(textWidth(row)).toBeLessThanOrEqual(columns);
  }
});
