import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ChatFixture } from '../support/terminal/chat-fixture.ts';
import type { TmuxTerminal } from '../support/terminal/tmux-terminal.ts';

let chats: ChatFixture;

beforeAll(async () => {
  chats = await ChatFixture.start();
});

afterAll(() => chats[Symbol.asyncDispose]());

const ESC = '\u001b';
const link = new RegExp(`${ESC}\\]8;id=([a-z0-9.]+);([^\\u0007]+)\\u0007([^]*?)${ESC}\\]8;;\\u0007`, 'g');
const styles = new RegExp(`${ESC}\\[[\\d;]*[mG]`, 'g');

interface Shown {
  readonly url: string;
  /** What was drawn as this link, by rows; a row that was drawn again is here once. */
  readonly parts: Set<string>;
}

/** Each link that the program sent, by its id. */
function linksIn(sent: string): readonly Shown[] {
  const found = new Map<string, Shown>();
  for (const [, id = '', url = '', text = ''] of sent.matchAll(link)) {
    const known = found.get(id) ?? { url, parts: new Set() };
    expect(known.url).toBe(url);
    known.parts.add(text.replace(styles, ''));
    found.set(id, known);
  }
  return [...found.values()];
}

describe('an address in a message', () => {
  const long = `https://example.org/${Array.from({ length: 14 }, (_, at) => `step-${at}/`).join('')}end`;

  /** The bytes that draw a message with this address, from when the room was empty. */
  async function drawn(terminal: TmuxTerminal, room: string, text: string): Promise<string> {
    const file = join(chats.profile(room), 'sent');
    await mkdir(chats.profile(room), { recursive: true });
    await terminal.record(file);
    const device = await chats.person(`bob${room.toLowerCase()}`);
    await device.client.join(room);
    const shared = await device.client.room(room);
    await shared.send(text);
    await shared.send('that is all');
    await terminal.shows('that is all');
    return eventually(async () => {
      const sent = await readFile(file, 'utf8');
      expect(sent).toContain('that is all');
      return sent;
    });
  }

  it('is a link to exactly what is shown, and one also where it is wrapped', async () => {
    await using terminal = await chats.startNewIn('Wired', 'lea', { columns: 61 });
    const text = `${long} https://good.example@evil.example/ javascript://x.example/`;
    const links = linksIn(await drawn(terminal, 'Wired', text));
    expect(links.map(({ url }) => url)).toEqual([long]);
    expect([...(links[0]?.parts ?? [])].join('')).toBe(long);
    const screen = (await terminal.screen()).split('\n');
    for (const line of screen) expect(line.length).toBeLessThanOrEqual(61);
    expect(screen.filter((line) => line.includes('step-')).length).toBeGreaterThan(2);
  });

  it('is plain text where the config file says so', async () => {
    const config = join(chats.profile('max'), 'config', 'conclave');
    await mkdir(config, { recursive: true, mode: 0o700 });
    await writeFile(join(config, 'config.toml'), 'links = false\n');
    await using terminal = await chats.startNewIn('Unwired', 'max');
    const sent = await drawn(terminal, 'Unwired', `${long}`);
    expect(sent).not.toContain(`${ESC}]8`);
  });
});
