import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MessageHeader, parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import { command } from '../support/cluster/cli-in-process.ts';
import { type CliResult, cli, startCli } from '../support/cluster/cli-process.ts';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { ListeningServer } from '../support/hostile/listening-server.ts';
import { present } from './people.ts';

/** Alice writes with a command for each message; Bob reads through a server that keeps some of them from him. */

let folder: string;
let gateway: GatewayProcess;
let hostile: ListeningServer;
let room = '';
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-withheld-'));
  gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  hostile = await ListeningServer.before(gateway.url);
  await done('alice', 'register', 'alice');
  await done('bob', 'register', 'bob');
});

beforeEach(async () => {
  made += 1;
  room = `Lobby${made}`;
  await done('alice', 'create', room);
  await done('bob', 'join', room);
});

afterEach(() => hostile.begin());

afterAll(async () => {
  await hostile[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A machine of Alice's, or Bob; all behind the server that may turn hostile. */
const argsOf = (machine: string, ...args: readonly string[]): string[] => [
  ...['--server', hostile.url, '--profile', join(folder, machine), '--no-passphrase', '--json'],
  ...args,
];

async function done(machine: string, ...args: readonly string[]): Promise<CliResult> {
  const result = await command(argsOf(machine, ...args));
  expect({ args, ...result }).toMatchObject({ code: 0 });
  return result;
}

const send = (text: string, machine = 'alice'): Promise<CliResult> => done(machine, 'send', room, text);

/** By a process each. */
function sendAtOnce(texts: readonly string[]): Promise<readonly CliResult[]> {
  return Promise.all(
    texts.map(async (text) => {
      const result = await cli(argsOf('alice', 'send', room, text));
      expect(result).toMatchObject({ code: 0 });
      return result;
    }),
  );
}

/** What Bob sees of the room: texts, and how many messages are missing before one. */
async function read(): Promise<readonly unknown[]> {
  const { json } = await done('bob', 'tail', room, '--since', 'all');
  return json.map(({ type, missing, text, status }) => (type === 'gap' ? { missing } : (text ?? status)));
}

/** From now on Bob gets no messages at these positions. */
function withhold(...positions: readonly number[]): void {
  hostile.reply('history', (page) => ({
    ...page,
    messages: page.messages.filter(({ seq }) => !positions.includes(seq)),
  }));
  hostile.onEvent = (event) =>
    event.name === 'deliver' && positions.includes(event.body.message.seq) ? [] : [event];
}

/** The headers of what was sent, in the order in which the server heard of them. */
function sent(): readonly MessageHeader[] {
  return hostile.asked.flatMap((request) => {
    if (request.name !== 'send') return [];
    const parsed = parseMessageHeader(request.body.header);
    return parsed.ok ? [parsed.header] : expect.unreachable();
  });
}

/** Sends, and is killed before it hears of its message; `isStored`: whether the room gets it. */
async function sendKilled(text: string, isStored: boolean): Promise<void> {
  const before = hostile.count('send');
  hostile.hold('send');
  if (!isStored) hostile.divert('send', (body) => ({ ...body, wraps: new Uint8Array(0) }));
  await using sending = startCli(argsOf('alice', 'send', room, text));
  await expect.poll(() => hostile.count('send')).toBeGreaterThan(before);
  sending.child.kill('SIGKILL');
  await sending.ended;
  hostile.honest();
}

const chainsOf = (headers: readonly MessageHeader[]): number =>
  new Set(headers.map(({ chain }) => chain)).size;

describe('a server that withholds messages of one-shot senders', () => {
  it('is found out by the message that the next process sends', async () => {
    for (const text of ['one', 'two', 'three', 'four']) await send(text);
    expect(chainsOf(sent())).toBe(1);
    expect(sent().map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    withhold(2, 3);
    expect(await read()).toEqual(['one', { missing: 2 }, 'four']);
    hostile.honest();
    expect(await read()).toEqual(['one', 'two', 'three', 'four']);
  });

  it.each([
    ['never reached the room', false, 3],
    ['is in the room', true, 4],
  ])('is found out across a sender that was killed, and whose own message %s', async (_, isStored, last) => {
    await send('one');
    await send('two');
    await sendKilled('killed', isStored);
    await send('three');
    expect(sent().map(({ number }) => number)).toEqual([0, 1, 2, 2]);
    expect(chainsOf(sent())).toBe(2);
    withhold(2);
    expect(await read()).toEqual(['one', { missing: 1 }, ...(isStored ? ['killed'] : []), 'three']);
    hostile.honest();
    const all = await read();
    expect(all).toHaveLength(last);
    expect(all.every((text) => typeof text === 'string')).toBe(true);
  });

  it('is found out among ten senders at once and those that come after them', async () => {
    const texts = Array.from({ length: 10 }, (_, i) => `text ${i}`);
    const results = [...(await sendAtOnce(texts))];
    for (const text of texts) results.push(await send(text));
    results.push(...(await sendAtOnce(texts)));
    const chains = new Map<string, MessageHeader[]>();
    for (const header of sent()) chains.set(header.chain, [...(chains.get(header.chain) ?? []), header]);
    expect(chains.size).toBeLessThanOrEqual(10);
    for (const inChain of chains.values())
      expect(inChain.map(({ number }) => number)).toEqual(inChain.map((_, i) => i));
    // Of each chain that has three, the second one.
    const ids = [...chains.values()].flatMap((inChain) =>
      inChain.length < 3 ? [] : present(inChain[1]).messageId,
    );
    expect(ids.length).toBeGreaterThan(0);
    withhold(
      ...results.flatMap(({ json: [sending] }) =>
        ids.some((id) => id === sending?.['id']) ? Number(sending?.['seq']) : [],
      ),
    );
    const shown = await read();
    expect(shown.filter((text) => typeof text === 'string')).toHaveLength(30 - ids.length);
    expect(shown.filter((text) => typeof text !== 'string')).toEqual(ids.map(() => ({ missing: 1 })));
    hostile.honest();
    expect([...(await read())].sort()).toEqual([...texts, ...texts, ...texts].sort());
  });
});

describe('an honest server', () => {
  it('causes no mark where a profile was copied, and restored from the copy', async () => {
    await send('one');
    await send('two');
    await cp(join(folder, 'alice'), join(folder, 'backup'), { recursive: true });
    await send('three');
    await send('from the copy', 'backup');
    await send('four');
    await rm(join(folder, 'alice'), { recursive: true });
    await cp(join(folder, 'backup'), join(folder, 'alice'), { recursive: true });
    await send('five');
    await send('six');
    expect(sent().map(({ number }) => number)).toEqual([0, 1, 2, 0, 3, 0, 1]);
    expect(chainsOf(sent())).toBe(3);
    expect(await read()).toEqual(['one', 'two', 'three', 'from the copy', 'four', 'five', 'six']);
  });
});
