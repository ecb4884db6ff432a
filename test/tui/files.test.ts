import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';

vi.setConfig({ testTimeout: 90_000 });

let chats: ChatFixture;
beforeAll(async () => {
  chats = await ChatFixture.start();
});
afterAll(() => chats[Symbol.asyncDispose]());

it('a file is sent by a path that Tab completes, stands in the timeline of others, and is saved and opened', async () => {
  const home = chats.profile('ann1');
  await mkdir(join(home, 'papers'), { recursive: true, mode: 0o700 });
  await writeFile(join(home, 'papers', 'the minutes.txt'), 'we met');
  const bob = await chats.person('bob1');
  await bob.client.create('Papers');
  const room = await bob.client.room('Papers');
  const messages = room.follow({ after: 'now' });
  const temporary = join(home, 'temporary');
  await mkdir(temporary);
  const viewer = join(home, 'viewer');
  await writeFile(viewer, `#!/bin/sh\ncat "$1" > '${home}/shown'\n`, { mode: 0o700 });
  await using terminal = await chats.startNew('ann1', {
    room: 'Papers',
    columns: 160,
    env: { CONCLAVE_OPENER: viewer, TMPDIR: temporary },
  });
  await terminal.shows(/Papers {2}open room · 2 of 2 online/);
  await terminal.type('/send ~/pap');
  await terminal.keys('Tab');
  await terminal.shows('/send ~/papers/');
  await terminal.keys('Tab');
  await terminal.shows('/send ~/papers/the\\ minutes.txt');
  await terminal.line('of today');
  await terminal.shows('Send the minutes.txt to Papers?');
  await terminal.shows('6 B, text/plain. This server accepts files of up to 105 MB.');
  await terminal.keys('y');
  await terminal.shows(/ann1✓ of today/);
  await terminal.shows(/\[1\] the minutes\.txt · 6 B · text\/plain · not downloaded/);
  const { value: sent } = await messages.next();
  expect(sent).toMatchObject({ text: 'of today', files: [{ name: 'the minutes.txt', size: 6 }] });

  await terminal.line(`/save 1 ${home}/copy.txt`);
  await terminal.shows(/\[1\] the minutes\.txt · 6 B · text\/plain · saved as/);
  expect(await readFile(join(home, 'copy.txt'), 'utf8')).toBe('we met');
  await terminal.line('/open 1');
  await terminal.shows(/\[1\] the minutes\.txt · 6 B · text\/plain · opened/);
  await eventually(async () => expect(await readFile(join(home, 'shown'), 'utf8')).toBe('we met'));
  expect(await readdir(temporary)).toHaveLength(1);
  await terminal.line('/quit');
  await eventually(async () => expect(await readdir(temporary)).toEqual([]));
});
