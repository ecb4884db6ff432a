import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import {
  fillUp,
  mountSmallDisk,
  type SmallDisk,
  skipUnlessMountable,
} from '../support/services/small-disk.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';

const DISK_MIB = 160;
const CANNOT = 'the server cannot do this at the moment';

/** Until the gateway says that it takes nothing more. */
async function fill(disk: SmallDisk, adminUrl: string): Promise<string> {
  const ballast = join(disk.path, 'ballast');
  fillUp(disk.path, ballast);
  await eventually(async () => {
    const { status } = await fetch(`${adminUrl}/readyz`);
    expect(status).toBe(503);
  });
  return ballast;
}

test('a command that waits for a server whose disk is full says so once, and that it goes on; what has a limit names it', async (context) => {
  skipUnlessMountable(context);
  using disk = mountSmallDisk(DISK_MIB);
  await using scene = await CliScene.with({ DATA_DIR: join(disk.path, 'data') });
  await scene.done('ann', 'register', 'ann');
  await scene.done('ann', 'create', 'Crammed');
  const ballast = await fill(disk, scene.gateway.adminUrl);
  const limited = scene.as('ann', '--json', '--timeout', '20', 'send', 'Crammed', 'too late');
  await using send = startCli([...scene.options('ann'), '--json', 'send', 'Crammed', 'in the end']);
  await eventually(() => expect(send.stderr()).toContain(`-- still trying: ${CANNOT}\n`));
  const late = await limited;
  expect(late).toMatchObject({ code: 7, json: [{ type: 'error', code: 'timeout' }] });
  expect(late.json[0]?.['message']).toMatch(new RegExp(`^timed out: ${CANNOT}`));
  rmSync(ballast);
  const sent = await send.ended;
  expect(sent).toMatchObject({ code: 0, json: [{ type: 'sent' }] });
  expect(sent.stderr.match(/^-- .*$/gm)).toEqual([`-- still trying: ${CANNOT}`, '-- the server goes on']);
});

test('the full-screen client shows in its status line that the server cannot do what somebody waits for', async (context) => {
  skipUnlessMountable(context);
  using disk = mountSmallDisk(DISK_MIB);
  await using chats = await ChatFixture.start({ DATA_DIR: join(disk.path, 'data') });
  await using terminal = await chats.startNewIn('Crammed', 'ann', { columns: 80 });
  const ballast = await fill(disk, chats.gateway.adminUrl);
  await terminal.line('in the end');
  await terminal.shows(new RegExp(`^ ● ${CANNOT} · 1 pending`, 'm'));
  await terminal.line('/create Another');
  await terminal.shows(new RegExp(`^ … /create Another \\(Esc cancels\\) · ● ${CANNOT}`, 'm'));
  await terminal.keys('Escape');
  rmSync(ballast);
  await terminal.shows('● connected');
  await terminal.shows(/ann✓ in the end/);
});
