import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ConclaveClient, Room, RoomChange } from '../../client/sdk/index.ts';
import { command } from '../support/cluster/cli-in-process.ts';
import { People } from '../support/cluster/people.ts';
import { startCluster } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

/** What a room's changes tell, as it comes. */
function heard(room: Room): readonly RoomChange[] {
  const changes: RoomChange[] = [];
  const read = async (): Promise<void> => {
    for await (const change of room.changes()) if (change.type !== 'presence') changes.push(change);
  };
  read().catch(() => undefined);
  return changes;
}

/** Sends one message after the other until it is told to stop. */
function stream(room: Room, tag: string): { stop(): Promise<number> } {
  let over = false;
  const run = async (): Promise<number> => {
    for (let count = 0; ; count += 1) {
      if (over) return count;
      await room.send(`${tag} ${count}`);
    }
  };
  const running = run();
  return {
    stop: () => {
      over = true;
      return running;
    },
  };
}

const patience = { deadlineMs: 20_000 };

test('an owner on the command line and members of another gateway: kick, rename, password, delete', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-e2e-'));
  await using cluster = await startCluster({ gateways: 2 });
  await using people = new People();
  const [one, two] = cluster.gateways.map((gateway) => gateway.url);
  if (one === undefined || two === undefined) expect.unreachable();
  const ada = (...args: string[]) =>
    command(['--server', one, '--profile', folder, '--no-passphrase', '--json', ...args]);
  const done = async (...args: string[]): Promise<void> => {
    const result = await ada(...args);
    expect([args, result.code]).toEqual([args, 0]);
  };
  const member = async (name: string, url: string): Promise<{ client: ConclaveClient; room: Room }> => {
    const { client } = await people.register(name, url);
    await client.join('Harbour');
    return { client, room: await client.room('Harbour') };
  };
  try {
    await done('register', 'Ada');
    await done('create', 'Harbour');
    const [bob, eve, dan] = [await member('Bob', two), await member('Eve', two), await member('Dan', one)];
    const [bobs, eves] = [heard(bob.room), heard(eve.room)];

    // A kick under a stream of sends on both gateways.
    const streams = [stream(bob.room, 'bob'), stream(dan.room, 'dan')];
    await eventually(() => expect(bob.room.head).toBeGreaterThan(5), patience);
    await done('room', 'kick', 'Harbour', 'eve');
    await eventually(() => {
      expect(eves.at(-1)).toMatchObject({ type: 'room-gone', reason: 'kicked' });
      expect(bobs).toContainEqual(expect.objectContaining({ type: 'member-kicked', user: 'Eve' }));
    }, patience);
    for (const running of streams) expect(await running.stop()).toBeGreaterThan(0);
    await expect(eve.client.room('Harbour')).rejects.toMatchObject({ code: 'not_a_member' });

    // Back, and out for longer.
    await eve.client.join('Harbour');
    const again = await eve.client.room('Harbour');
    expect(again.joined).toBeGreaterThan(5);
    await done('room', 'grant', 'Harbour', 'Bob');
    await eventually(() => expect(bob.room.role).toBe('moderator'), patience);
    await bob.room.ban('Eve');
    await expect(eve.client.join('Harbour')).rejects.toMatchObject({ code: 'banned' });
    expect(await bob.room.bans()).toMatchObject([{ user: 'Eve' }]);

    // Open rooms follow a rename, on whichever gateway.
    await done('room', 'rename', 'Harbour', 'Docks');
    await eventually(() => expect([bob.room.name, dan.room.name]).toEqual(['Docks', 'Docks']), patience);
    await bob.room.send('after the rename');

    // Stored copies follow the retention.
    await done('room', 'retention', 'Docks', '0', '--yes');
    await eventually(() => expect(bob.room.retention).toBe(0), patience);
    expect((await dan.room.history({ after: 0 })).messages).toEqual([]);

    await done('room', 'delete', 'Docks', '--yes');
    await eventually(
      () => expect(bobs.at(-1)).toMatchObject({ type: 'room-gone', reason: 'deleted' }),
      patience,
    );
    await expect(bob.client.room('Docks')).rejects.toMatchObject({ code: 'not_a_member' });
    await dan.client.create('Docks');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
