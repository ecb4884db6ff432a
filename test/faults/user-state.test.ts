import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faceOf } from '../support/chat/headless.ts';
import { nothingEarlier, TwoGateways } from '../support/cluster/two-devices.ts';
import { eventually } from '../support/eventually.ts';

let gateways: TwoGateways;
beforeAll(async () => {
  gateways = await TwoGateways.start();
});
afterAll(() => gateways[Symbol.asyncDispose]());

const patience = { deadlineMs: 30_000 };

describe('the settings of a user', () => {
  test('change without a connection, and reach the other device once there is one', async () => {
    const { first, second } = await gateways.devicesOf('Ann');
    const [lobby] = await first.client.ownRooms();
    const id = lobby?.id ?? expect.unreachable();
    for (const { client } of [first, second]) await client.userState.begin(nothingEarlier);
    gateways.reachable = false;
    first.wire.cut();
    await eventually(() => expect(first.client.status.state).toBe('waiting'), patience);
    const { levels } = await first.client.userState.setLevel(id, 'none');
    expect(levels.get(id)).toBe('none');
    gateways.reachable = true;
    first.client.retryNow();
    const changes = second.client.userState.changes();
    for await (const settings of changes) if (settings.levels.get(id) === 'none') break;
  }, 120_000);

  test('are the same in two processes that share a profile', async () => {
    const { first } = await gateways.devicesOf('Zoe');
    const twin = await gateways.people.resume(first.storage, gateways.url);
    const id = (await first.client.ownRooms())[0]?.id ?? expect.unreachable();
    for (const { client } of [first, twin]) await client.userState.begin(nothingEarlier);
    const changes = twin.client.userState.changes();
    await first.client.userState.setLevel(id, 'all');
    for await (const settings of changes) if (settings.levels.get(id) === 'all') break;
    expect((await twin.client.userState.begin(nothingEarlier)).levels.get(id)).toBe('all');
  }, 120_000);

  test('are stored once for a burst of changes, not once for each', async () => {
    const { first, second, other, rooms } = await gateways.devicesOf('Lea');
    await using desk = await faceOf(first, gateways.url);
    await desk.line(`/join ${rooms[0]}`);
    await second.client.userState.begin(nothingEarlier);
    const theirs = await other.room(rooms[0] ?? '');
    for (let number = 1; number <= 40; number += 1) {
      const { seq } = await theirs.send(`message ${number}`);
      await eventually(() => {
        expect(desk.texts).toContain(`message ${number}`);
        desk.look();
        expect(desk.room.read).toBe(seq);
      }, patience);
    }
    const { id, read } = desk.room;
    await eventually(async () => {
      const { reads } = await second.client.userState.begin(nothingEarlier);
      expect(reads.get(id)).toBe(read);
    }, patience);
    const versions = (): number => second.wire.events.filter(({ name }) => name === 'state').length;
    // What another device stored can be read before this one is told of it.
    await eventually(() => expect(versions()).toBeGreaterThan(0), patience);
    expect(versions()).toBeLessThan(10);
  }, 120_000);
});
