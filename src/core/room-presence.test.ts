import { describe, expect, it } from 'vitest';
import { enteredRooms } from '../../test/support/gateway/enter-reply.ts';
import type { RoomOnline } from '../ports/presence.ts';
import { parseRoomId, parseUserId } from '../protocol/ids.ts';
import { encodeEnterReply } from '../protocol/server-codec.ts';
import { RoomPresences } from './room-presence.ts';

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the test needs it');
  return value;
}

const room = given(parseRoomId('07'.repeat(16)));
const ann = given(parseUserId('01'.repeat(16)));

/** The presence of one room, which answers a reading when it is told to, as it is then. */
function setUp() {
  const now: { online: RoomOnline } = {
    online: { online: 1, version: 5, users: [{ user: ann, version: 5 }] },
  };
  const waiting: (() => void)[] = [];
  let readings = 0;
  const presences = new RoomPresences({
    inRooms: async () => {
      readings += 1;
      const seen = now.online;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return [seen];
    },
  });
  const answer = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { now, presences, answer, readings: () => readings };
}

function decoded(encoded: Uint8Array): unknown {
  return enteredRooms(encodeEnterReply(1, [{ room, presence: encoded }]))[0]?.presence;
}

describe('the presences of rooms', () => {
  it('are read once for all who ask for one version, at once or later', async () => {
    const { presences, answer, readings } = setUp();
    const asked = [presences.at(room, 5), presences.at(room, 5)];
    answer();
    const [one, other] = await Promise.all(asked);
    expect(await presences.at(room, 5)).toEqual(one);
    expect(other).toEqual(one);
    expect(readings()).toBe(1);
    expect(decoded(given(one))).toEqual({
      online: 1,
      version: 5,
      users: [{ user: ann, online: true, version: 5 }],
    });
  });

  it('are read again for another version, also when a reading of before is under way', async () => {
    const { now, presences, answer, readings } = setUp();
    const before = presences.at(room, 5);
    now.online = { online: 201, version: 6, users: [] };
    const after = presences.at(room, 6);
    answer();
    await before;
    await expect.poll(() => readings()).toBe(2);
    answer();
    expect(decoded(await after)).toEqual({ online: 201, version: 6 });
    expect(decoded(await presences.at(room, 6))).toEqual({ online: 201, version: 6 });
    expect(readings()).toBe(2);
  });

  it('are read for an earlier version than the one that is kept: the service may have lost its data', async () => {
    const { now, presences, answer, readings } = setUp();
    const first = presences.at(room, 5);
    answer();
    await first;
    now.online = { online: 0, version: 3, users: [] };
    const again = presences.at(room, 3);
    answer();
    expect(decoded(await again)).toEqual({ online: 0, version: 3, users: [] });
    expect(readings()).toBe(2);
  });
});
