import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mountSmallDisk, skipUnlessMountable } from '../support/services/small-disk.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';

/** A client holds about half of this. */
const DISK_MEBIBYTES = 16;

describe('on a disk that is full', () => {
  let chats: ChatFixture;

  beforeAll(async () => {
    chats = await ChatFixture.start();
  });

  afterAll(() => chats[Symbol.asyncDispose]());

  it('the client says so in a line, goes on, and needs no new start once there is room again', async (context) => {
    skipUnlessMountable(context);
    using disk = mountSmallDisk(DISK_MEBIBYTES);
    const bob = await chats.person('bob');
    await bob.client.create('Lobby');
    const room = await bob.client.room('Lobby');
    await using terminal = await chats.startNew('dan', {
      profile: join(disk.path, 'dan'),
      room: 'Lobby',
      columns: 80,
    });
    await terminal.shows(/^ Lobby {2}open room/);
    await room.send('while there is room');
    await terminal.shows('while there is room');
    const ballast = join(disk.path, 'ballast');
    const { bavail, bsize } = await statfs(disk.path);
    await writeFile(ballast, new Uint8Array(bavail * bsize));
    await room.send('while there is none');
    await terminal.shows(/the disk is (nearly )?full/i);
    await terminal.type('half a draft');
    await terminal.shows('› half a draft');
    await terminal.keys('C-u');
    await room.send('and another one');
    await terminal.line('once more');
    await terminal.shows('not sent');
    await rm(ballast);
    await terminal.keys('M-r');
    await terminal.shows(/dan✓ once more/);
    await terminal.showsNoMore('the disk is');
    await room.send('with room again');
    await terminal.shows(/while there is none.*and another one.*with room again/s);
    await terminal.line('thank you');
    await terminal.shows(/dan✓ thank you/);
    await terminal.line('/quit');
    expect(await terminal.ended()).toBe(0);
  });
});
