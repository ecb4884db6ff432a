import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Profile } from '../../client/profile/profile.ts';
import {
  type MessageId,
  parseChainId,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../../src/protocol/ids.ts';
import { parseUserName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { type CliResult, startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';

/** More than a page of history. */
const MESSAGES = 150;
/** Each reader is killed once it has shown so many: at once, and further into pages. */
const killedAfter = { reader1: 1, reader2: 1, reader3: 40, reader4: 101 } as const;
const SKIPPING = 'reader5';

let scene: CliScene;
let room: RoomId;
let alice: UserId;
beforeAll(async () => {
  scene = await CliScene.with({});
  const registered = await done('alice', 'register', 'alice');
  alice = parseUserId(registered.json[0]?.['id']) ?? expect.unreachable();
  const made = await done('alice', 'create', 'Lobby');
  room = parseRoomId(made.json[0]?.['id']) ?? expect.unreachable();
  for (const name of [...Object.keys(killedAfter), SKIPPING]) {
    await done(name, 'register', name);
    await done(name, 'join', 'Lobby');
  }
  const lines = Array.from({ length: MESSAGES }, (_, i) => `line ${i}\n`).join('');
  expect((await scene.given({ stdin: lines }, 'alice', 'send', 'Lobby')).code).toBe(0);
});
afterAll(() => scene[Symbol.asyncDispose]());

async function done(name: string, ...args: readonly string[]): Promise<CliResult> {
  const result = await scene.done(name, '--json', ...args);
  expect(result.stderr).not.toContain('unexpected');
  return result;
}

interface Shown {
  readonly id: MessageId;
  readonly seq: number;
}

/** What a reader of the whole room showed before it was killed. */
async function shownUntilKilled(name: string, count: number): Promise<readonly Shown[]> {
  await using tail = startCli([
    ...scene.options(name),
    '--json',
    'tail',
    'Lobby',
    '--since',
    'all',
    '--follow',
  ]);
  tail.child.stdout?.on('data', () => {
    if (tail.stdout().split('"type":"message"').length > count) tail.child.kill('SIGKILL');
  });
  const { json } = await tail.ended;
  return json
    .filter(({ type }) => type === 'message')
    .map(({ id, seq }) => ({ id: parseMessageId(id) ?? expect.unreachable(), seq: Number(seq) }));
}

/** Where the profile remembers to have seen these messages. */
async function remembered(name: string, shown: readonly Shown[]): Promise<readonly (number | undefined)[]> {
  const origin = parseOrigin(scene.gateway.url) ?? expect.unreachable();
  const user = parseUserName(name) ?? expect.unreachable();
  const storage = await new Profile(join(scene.folder, 'profile')).open(origin, user, undefined);
  // A sender's id is bound in its room, whatever the chain.
  const chain = parseChainId('00'.repeat(16)) ?? expect.unreachable();
  try {
    return await storage.chains.transaction(room, (chains) => {
      const records = chains({ sender: alice, chain });
      return shown.map(({ id }) => records.positionOf(id));
    });
  } finally {
    await storage.close();
  }
}

it('a reader that is killed within a page remembers every message that it showed, and reads on from there', async () => {
  for (const [name, count] of Object.entries(killedAfter)) {
    const shown = await shownUntilKilled(name, count);
    expect(shown.length).toBeGreaterThanOrEqual(count);
    expect(await remembered(name, shown)).toEqual(shown.map(({ seq }) => seq));
    const again = await done(name, 'tail', 'Lobby', '--since', 'all');
    const texts = again.json.filter(({ status }) => status === 'ok').map(({ text }) => text);
    expect(texts).toEqual(Array.from({ length: MESSAGES }, (_, i) => `line ${i}`));
  }
});

it('a reader that skips messages takes none of them for missing, and none once they are read', async () => {
  const gapsOf = (result: CliResult): number => result.json.filter(({ type }) => type === 'gap').length;
  const skipping = (...args: readonly string[]): Promise<CliResult> =>
    done(SKIPPING, 'tail', 'Lobby', ...args);
  expect(gapsOf(await skipping('--since', 'all', '--count', '5'))).toBe(0);
  const newest = await skipping();
  expect(newest.json.filter(({ type }) => type === 'message')).toHaveLength(20);
  expect(gapsOf(newest)).toBe(0);
  expect(gapsOf(await skipping('--count', '120'))).toBe(0);
  expect(gapsOf(await skipping('--since', 'all'))).toBe(0);
});
