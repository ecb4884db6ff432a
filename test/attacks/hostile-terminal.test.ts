import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refuse } from '../../src/protocol/error-reply.ts';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { Theatre } from '../support/hostile/theatre.ts';

/** What a terminal acts on, or what makes text look like other text. */
const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const tricks = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m',
  'abc\u202Edef\u202C',
  '\u2066hidden\u2069',
  'a\rb',
  '\u200Bzero\uFEFF',
  'line\u2028break',
];

let theatre: Theatre;
let directory: string;

beforeAll(async () => {
  theatre = await Theatre.open();
  directory = await mkdtemp(join(tmpdir(), 'conclave-terminal-'));
});

afterEach(() => theatre.hostile.begin());

afterAll(async () => {
  await theatre[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function run(...args: readonly string[]): Promise<CliResult> {
  return command(['--server', theatre.hostile.url, '--profile', directory, ...args]);
}

function expectHarmless({ stdout, stderr }: CliResult): void {
  for (const line of `${stdout}\n${stderr}`.split('\n')) expect(line).not.toMatch(dangerous);
}

describe('the command line behind a hostile server', () => {
  it('shows escapes and bidirectional tricks of other people as what they are', async () => {
    await run('register', theatre.name('Alice'), '--no-passphrase');
    const bob = await theatre.actor(theatre.name('Bob'), { honestly: true });
    const room = theatre.name('Lobby');
    await bob.client.create(room);
    await run('join', room);
    const bobs = await bob.client.room(room);
    for (const trick of tricks) await bobs.send(`say ${trick} end`);
    const shown = await run('tail', room, '--since', 'all');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('<U+001B>[2J');
    expect(shown.stdout).toContain('<U+202E>');
    expectHarmless(shown);
    const json = await run('tail', room, '--since', 'all', '--json');
    expect(json.json.map(({ text }) => text)).toEqual(tricks.map((trick) => `say ${trick} end`));
  });

  it('shows refusals, names and times of the server without acting on them', async () => {
    const room = theatre.name('Lobby');
    for (const trick of tricks) {
      theatre.hostile.reply('create', () => refuse('forbidden', { message: `no ${trick}` }));
      const refused = await run('create', room);
      expect(refused.code).toBe(5);
      expectHarmless(refused);
    }
    theatre.hostile.begin();
    theatre.hostile.reply('hello', (hello) => ({
      ...hello,
      server: `conclave ${tricks[0]}`,
      time: Number.MAX_SAFE_INTEGER,
    }));
    expectHarmless(await run('doctor'));
  });

  it('ends a listing whose pages go nowhere, and survives a time beyond all dates', async () => {
    const room = theatre.name('Lobby');
    await run('create', room);
    await run('send', room, 'hello');
    theatre.hostile.reply('history', (reply) => ({
      messages: reply.messages.map((message) => ({ ...message, at: Number.MAX_SAFE_INTEGER })),
      through: Number.MAX_SAFE_INTEGER,
      more: true,
    }));
    const shown = await run('tail', room);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/hello \[written [\d :-]+\] \[clock a day off\]/);
  });

  it('says in a word that a server speaks another version, and that a login was passed on', async () => {
    theatre.hostile.reply('hello', (hello) => ({ ...hello, version: 2 }));
    expect(await run('rooms', '--json')).toMatchObject({
      code: 4,
      json: [{ type: 'error', code: 'unsupported_version' }],
    });
  });
});
