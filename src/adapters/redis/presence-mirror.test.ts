import { expect, test } from 'vitest';
import type { RoomId, UserId } from '../../protocol/ids.ts';
import { PresenceMirror } from './presence-mirror.ts';

const USERS = 10;
const ROOMS = 300;
const BUDGET = 100;

/** Ten users, each with a session in three hundred rooms. */
function crowded(): PresenceMirror {
  const mirror = new PresenceMirror();
  for (let user = 0; user < USERS; user += 1) {
    mirror.setSessions(`user ${user}` as UserId, 1);
    for (let room = 0; room < ROOMS; room += 1)
      mirror.setInRoom(`room ${room}` as RoomId, `user ${user}` as UserId, 1);
  }
  return mirror;
}

/** Takes all that is marked; one text for each number. */
function taken(mirror: PresenceMirror): readonly string[] {
  return mirror.unwrittenUsers.flatMap((user) => {
    const unwritten = mirror.takeUnwritten(user);
    const rooms = [...(unwritten?.rooms.keys() ?? [])].map((room) => `${user} in ${room}`);
    return unwritten?.sessions === true ? [...rooms, user] : rooms;
  });
}

test('an audit marks as many numbers as it may, however many rooms a user is in', () => {
  const mirror = crowded();
  mirror.markSome(BUDGET);
  expect(taken(mirror)).toHaveLength(BUDGET);
});

test('audits come to every number in turn, and then begin again', () => {
  const mirror = crowded();
  const seen: string[] = [];
  const all = USERS * (ROOMS + 1);
  while (seen.length < all) {
    mirror.markSome(BUDGET);
    seen.push(...taken(mirror));
  }
  expect(new Set(seen).size).toBe(all);
  mirror.markSome(all);
  expect(new Set(taken(mirror)).size).toBe(all);
});

test('who leaves while an audit is under way is left out of it', () => {
  const mirror = crowded();
  mirror.markSome(BUDGET);
  taken(mirror);
  mirror.setSessions('user 9' as UserId, 0);
  const seen: string[] = [];
  for (let round = 0; round < USERS * ROOMS; round += BUDGET) {
    mirror.markSome(BUDGET);
    seen.push(...taken(mirror));
  }
  expect(seen.filter((text) => text.startsWith('user 9'))).toEqual([]);
});
