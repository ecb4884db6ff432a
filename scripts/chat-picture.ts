/** npm run docs:picture: runs the real client in a real terminal, makes the picture of the README from its screen, and draws it in Chromium. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../test/support/cluster/gateway-process.ts';
import { type Device, People } from '../test/support/cluster/people.ts';
import { startNewChat } from '../test/support/terminal/chat-terminal.ts';
import { pictureFaults } from './picture-faults.ts';
import { terminalSvg } from './terminal-svg.ts';

const COLUMNS = 110;
const ROWS = 28;
const PICTURE = 'docs/chat.svg';

const folder = await mkdtemp(join(tmpdir(), 'conclave-picture-'));
try {
  const picture = await drawScene(folder);
  const faults = await pictureFaults(picture);
  if (faults.length > 0)
    throw new Error(`a browser would not show the screen as it is:\n${faults.join('\n')}`);
  mkdirSync('docs', { recursive: true });
  writeFileSync(PICTURE, picture);
  console.log(`wrote ${PICTURE}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function drawScene(directory: string): Promise<string> {
  await using gateway = await startGateway({ DATA_DIR: join(directory, 'data') });
  await using people = new People();
  const [bob, carol] = [
    await people.register('bob', gateway.url),
    await people.register('carol', gateway.url),
  ];
  await people.register('dan', gateway.url);
  await bob.client.create('Lobby');
  await carol.client.create('Garden');
  await carol.client.create('Ops', { password: 'four words long' });
  const say = speaker();
  const inRoom = async (device: Device, name: string): Promise<void> => {
    await device.client.join(name, name === 'Ops' ? 'four words long' : undefined);
    await device.client.room(name);
  };
  await inRoom(bob, 'Lobby');
  await inRoom(carol, 'Lobby');
  await inRoom(carol, 'Garden');
  await inRoom(carol, 'Ops');
  const chat = {
    server: gateway.url,
    profile: join(directory, 'ada'),
    user: 'ada',
    columns: COLUMNS,
    rows: ROWS,
  };
  await using terminal = await startNewChat({ ...chat, env: { TZ: 'UTC' } });
  for (const line of ['/join Garden', '/join Ops']) {
    await terminal.line(line);
    if (line.endsWith('Ops')) {
      await terminal.shows('Ops is locked');
      await terminal.line('four words long');
    }
    await terminal.shows(new RegExp(`^ ${line.slice('/join '.length)} {2}(open|password) room`));
  }
  await terminal.line('/join Lobby');
  await terminal.shows(/^ Lobby {2}open room · 3 of 3/);
  await terminal.line('/verify bob');
  await terminal.shows('Safety number with bob');
  await terminal.type('v');
  await terminal.shows('bob is verified');
  await say(bob, 'Lobby', 'welcome! the gateway on the second machine is up as well');
  await terminal.line('thank you. both behind the same address?');
  await terminal.shows(/ada✓ thank you/);
  await say(bob, 'Lobby', 'yes: any node takes any client, and what is acknowledged is stored');
  await say(carol, 'Lobby', 'and neither of them can read a word of it 🙂');
  await say(carol, 'Lobby', 'ありがとう, ada — wide characters line up too');
  await terminal.line('/me compares safety numbers with carol next');
  await terminal.shows(/\*✓ ada compares/);
  await say(carol, 'Garden', 'the tomatoes are in');
  await say(carol, 'Ops', '@ada: could you look at the alert on node-2?');
  await say(carol, 'Ops', 'no hurry');
  await terminal.shows('@1 2');
  await terminal.type('have a look at the');
  await terminal.shows('› have a look at the');
  return terminalSvg(await terminal.styledScreen(), {
    title: 'conclave chat in a terminal',
    columns: COLUMNS,
    rows: ROWS,
  });
}

function speaker(): (device: Device, room: string, text: string) => Promise<void> {
  return async ({ client }, room, text) => {
    await (await client.room(room)).send(text);
  };
}
