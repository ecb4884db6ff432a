import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { roomNamed } from '../../test/support/ports/service-world.ts';
import type { RoomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import { roomOnTwoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { DAY_MS } from '../domain/roster.ts';
import type { FileId } from '../protocol/ids.ts';
import { FILE_TICKET_LIFE_MS, UPLOAD_LIFE_MS } from '../protocol/limits.ts';

const BYTES = 1_000;
const HOUR_MS = DAY_MS / 24;

/** Uploaded on node a, as a client does. */
async function finished({ a, room }: RoomOnTwoNodes, caller: Caller): Promise<FileId> {
  const file = await begun({ a, room }, caller);
  accepted(await a.requests.finish(caller, { file }));
  return file;
}

async function begun({ a, room }: Pick<RoomOnTwoNodes, 'a' | 'room'>, caller: Caller): Promise<FileId> {
  const { file } = accepted(await a.requests.upload(caller, { room, bytes: BYTES }));
  await a.core.stores.files.put(file, 0, new Uint8Array(randomBytes(BYTES)));
  return file;
}

/** Names of all chunks in the data directory. */
async function chunksOnDisk({ world }: RoomOnTwoNodes): Promise<readonly string[]> {
  const names = await readdir(join(world.stores.dataDir, 'files'), { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function expectNothingLeft(scene: RoomOnTwoNodes, files: readonly FileId[]): Promise<void> {
  await eventually(async () => {
    await scene.b.core.stores.files.reclaim(Date.now());
    expect(await chunksOnDisk(scene)).toEqual([]);
  });
  for (const file of files) expect(await scene.b.core.stores.files.find(file)).toBeUndefined();
}

describe('a file', () => {
  it('lives as long as a message that is sent when it is finished', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const { world, b, bob, room, ann } = scene;
    const file = await finished(scene, ann);
    world.clock.aheadMs = 30 * DAY_MS - 60_000;
    const { until } = accepted(await b.requests.download(bob, { room, file }));
    expect(until - world.clock.nowMs()).toBeLessThanOrEqual(60_000);
    world.clock.aheadMs = 30 * DAY_MS + 1;
    expect(await b.requests.download(bob, { room, file })).toMatchObject({ refused: 'no_such_file' });
  });

  it('gets another life with the room, and what a shorter one ended stays ended', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const { world, a, b, ann, bob, room } = scene;
    const file = await finished(scene, ann);
    const expiry = async () => (await b.core.stores.files.find(file))?.expiresAt ?? 0;
    const before = await expiry();
    accepted(await a.requests.update(ann, { room, retention: 60 }));
    await eventually(async () => expect(await expiry()).toBe(before + 30 * DAY_MS));
    accepted(await a.requests.update(ann, { room, retention: 1 }));
    await eventually(async () => expect(await expiry()).toBe(before - 29 * DAY_MS));
    world.clock.aheadMs = 2 * DAY_MS;
    expect(await b.requests.download(bob, { room, file })).toMatchObject({ refused: 'no_such_file' });
  });

  it('lives as many hours as the room says, whether it is finished before or after that', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const { world, a, b, ann, bob, room } = scene;
    const lifeOf = async (file: FileId) => {
      const { at = 0, expiresAt = 0 } = (await b.core.stores.files.find(file)) ?? {};
      return (expiresAt - at) / HOUR_MS;
    };
    const former = await finished(scene, ann);
    accepted(await a.requests.update(ann, { room, retention: 1, retentionHours: 12 }));
    await eventually(async () => expect(await lifeOf(former)).toBe(12));
    const file = await finished(scene, ann);
    expect(await lifeOf(file)).toBe(12);
    world.clock.aheadMs = 13 * HOUR_MS;
    expect(await b.requests.download(bob, { room, file })).toMatchObject({ refused: 'no_such_file' });
  });

  it('that is not finished within an hour is gone', async () => {
    const scene = await roomOnTwoNodes('album');
    const { world, a, b, ann } = scene;
    const file = await begun(scene, ann);
    world.clock.aheadMs = UPLOAD_LIFE_MS;
    for (const refused of [
      await a.requests.finish(ann, { file }),
      await b.requests['continue-upload'](ann, { file }),
      await b.requests.discard(ann, { room: scene.room, file, uploader: ann.user }),
    ])
      expect(refused).toMatchObject({ refused: 'no_such_file' });
  });

  it('is discarded by its uploader, the owner and moderators, and by nobody else', async () => {
    const scene = await roomOnTwoNodes('album', ['bob', 'eve']);
    const { a, b, ann, bob, eve, room } = scene;
    const file = await finished(scene, bob);
    const ofBob = { room, uploader: bob.user };
    expect(await b.requests.discard(eve, { ...ofBob, file })).toMatchObject({ refused: 'forbidden' });
    accepted(await a.requests.grant(ann, { room, user: eve.user, role: 'moderator' }));
    accepted(await b.requests.discard(eve, { ...ofBob, file }));
    accepted(await b.requests.discard(bob, { ...ofBob, file: await finished(scene, bob) }));
    accepted(await b.requests.discard(ann, { ...ofBob, file: await finished(scene, bob) }));
    await expectNothingLeft(scene, [file]);
  });

  it('can be discarded only by naming its room and uploader, no matter who asks', async () => {
    const scene = await roomOnTwoNodes('album', ['bob', 'eve']);
    const { a, ann, bob, eve, room } = scene;
    const file = await finished(scene, bob);
    const { room: another } = accepted(
      await a.requests.create(ann, { name: roomNamed('another'), hidden: false, retention: 30 }),
    ).info;
    for (const [caller, about] of [
      [ann, { room, uploader: eve.user }],
      [ann, { room, uploader: ann.user }],
      [bob, { room, uploader: ann.user }],
      [ann, { room: another, uploader: bob.user }],
      [bob, { room: another, uploader: bob.user }],
    ] as const)
      expect(await a.requests.discard(caller, { file, ...about })).toMatchObject({ refused: 'no_such_file' });
    accepted(await a.requests.download(eve, { room, file }));
  });

  it('goes with its room: nothing is left in the store', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const files = [await finished(scene, scene.ann), await begun(scene, scene.bob)];
    accepted(await scene.a.requests.delete(scene.ann, { room: scene.room }));
    await expectNothingLeft(scene, files);
  });

  it('goes with the account of its uploader: nothing is left in the store', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const { b, bob, world } = scene;
    const files = [await finished(scene, bob), await begun(scene, bob)];
    await world.stores.identities.close(bob.user, world.clock.nowMs());
    b.core.reconciler.follow(bob.user);
    await eventually(async () => expect(await world.stores.identities.behind(1)).toEqual([]));
    await expectNothingLeft(scene, files);
  });

  it('is finished for nobody by somebody who left', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const { a, b, bob, room } = scene;
    const file = await begun(scene, bob);
    accepted(await b.requests.leave(bob, { room }));
    expect(await a.requests.finish(bob, { file })).toMatchObject({ refused: 'not_a_member' });
  });
});

describe('a ticket for a file', () => {
  it('is read by every node until it is over', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const { world, a, b, ann, bob, room } = scene;
    const file = await finished(scene, ann);
    const { ticket, until } = accepted(await a.requests.download(bob, { room, file }));
    const read = () => b.core.fileTickets.verify(ticket, world.clock.nowMs());
    expect(read()).toEqual({ verb: 'get', file, user: bob.user, room, bytes: BYTES, until });
    world.clock.aheadMs = FILE_TICKET_LIFE_MS + 1_000;
    expect(read()).toBeUndefined();
  });

  it('of a new secret makes a node that has not heard of it read', async () => {
    const scene = await roomOnTwoNodes('album', ['bob']);
    const { world, a, b, ann, bob, room } = scene;
    const file = await finished(scene, ann);
    await a.core.secrets.rotate(world.clock.nowMs());
    const { ticket } = accepted(await a.requests.download(bob, { room, file }));
    await eventually(() =>
      expect(b.core.fileTickets.verify(ticket, world.clock.nowMs())).toMatchObject({ file }),
    );
  });
});
