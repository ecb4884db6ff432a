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

it('a picture is drawn in the terminal by the program that the config file names, until a key is pressed', async () => {
  const home = chats.profile('cleo');
  const config = join(home, 'config', 'conclave');
  await mkdir(config, { recursive: true, mode: 0o700 });
  const viewer = join(home, 'viewer');
  // As such programs do, it asks the terminal, whose answer is its own; what fails here is named so.
  await writeFile(
    viewer,
    `#!/bin/sh
case "$2" in *broken*) exit 1;; esac
stty -echo -icanon min 0 time 50
printf '\\033[6n'
printf 'PICTURE %s %s for %s' "$(wc -c < "$2")" "$(dd bs=6 count=1 2>/dev/null | tr -dc '0-9;')" "$1"
`,
    { mode: 0o700 },
  );
  await writeFile(join(config, 'config.toml'), `picture-viewer = "'${viewer}' tty"\n`);
  for (const name of ['cat.png', 'broken.png']) await writeFile(join(home, name), 'pixels');
  await using terminal = await chats.startNewIn('Gallery', 'cleo', { columns: 160 });
  for (const name of ['cat.png', 'broken.png']) {
    await terminal.line(`/send ${home}/${name}`);
    await terminal.shows(`Send ${name} to Gallery?`);
    await terminal.keys('y');
    await terminal.shows(`${name} · 6 B · image/png · not downloaded`);
  }
  await terminal.line('/open 1');
  const drawn = await terminal.shows('Press any key to return.');
  expect(drawn).toMatch(/^PICTURE 6 1;1 for tty\s+Press any key/);
  await terminal.type('x');
  await terminal.shows(/\[1\] cat\.png · 6 B · image\/png · opened/);
  await terminal.line('/open 2');
  await terminal.shows('could not draw the picture');
  await terminal.line('and on');
  await terminal.shows(/cleo✓ and on/);
});
