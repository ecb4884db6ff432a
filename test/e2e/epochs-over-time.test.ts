import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { type LiveGateway, startLiveGateway } from '../gateway/live-gateway.ts';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { textsOf } from '../support/cluster/cli-scene.ts';
import { ratesOff } from '../support/cluster/patience.ts';

const DAY_MS = 86_400_000;
const { now: realNow } = Date;

/** A gateway and everybody's commands run in this process, and have its clock. */
let gateway: LiveGateway;
let folder: string;
let today = 0;

beforeEach(async () => {
  today = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => realNow.call(Date) + today * DAY_MS);
  folder = await mkdtemp(join(tmpdir(), 'conclave-over-time-'));
  gateway = await startLiveGateway(ratesOff);
  return async () => {
    await gateway[Symbol.asyncDispose]();
    clock.mockRestore();
    await rm(folder, { recursive: true, force: true });
  };
});

async function conclave(user: string, ...args: readonly string[]): Promise<CliResult> {
  const result = await command([
    ...['--server', gateway.url, '--profile', join(folder, user), '--no-passphrase', '--json'],
    ...args,
  ]);
  expect(result).toMatchObject({ code: 0 });
  return result;
}

/** A room of suite 2, which the others joined. */
async function vaultOf(owner: string, ...others: readonly string[]): Promise<void> {
  for (const name of [owner, ...others]) await conclave(name, 'register', name);
  await conclave(owner, 'create', 'Vault', '--suite', '2');
  for (const name of others) await conclave(name, 'join', 'Vault');
}

async function say(user: string, day: number): Promise<string> {
  today = day;
  await conclave(user, 'send', 'Vault', `said on day ${day}`);
  return `said on day ${day}`;
}

/** Whose long-term keys open the newest epoch, and who has no prekey for this week, as the command line tells this user. */
async function marked(user: string) {
  const { json } = await conclave(user, 'doctor');
  const { exposedBy, withoutPrekeys, message } =
    json.find(({ room }) => room === 'Vault') ?? expect.unreachable();
  return { exposedBy, withoutPrekeys, message };
}

test('a member who returns after twenty days can read everything, more than once', async () => {
  await vaultOf('ann', 'bob');
  const said: string[] = [];
  for (const day of [0, 5, 12, 19]) said.push(await say('ann', day));
  expect(await marked('ann')).toMatchObject({ exposedBy: [], withoutPrekeys: [] });
  today = 20;
  expect(textsOf(await conclave('bob', 'history', 'Vault'))).toEqual(said);
  // By now the chain keys of earlier weeks have been deleted, but not the epoch keys.
  expect(textsOf(await conclave('bob', '--no-cache', 'history', 'Vault'))).toEqual(said);
  said.push(await say('bob', 20));
  expect(textsOf(await conclave('ann', 'history', 'Vault'))).toEqual(said);
});

test('a member whose prekeys have all run out is named as the one who exposes the epoch, and can read it', async () => {
  await vaultOf('ann', 'bob', 'cid');
  await say('ann', 0);
  expect(await marked('ann')).toMatchObject({ exposedBy: [], withoutPrekeys: [] });
  // Bob looks in now and then, and so has prekeys. Those of Cid were for nine weeks.
  today = 50;
  await conclave('bob', 'history', 'Vault');
  const said = await say('ann', 70);
  expect(await marked('ann')).toEqual({
    exposedBy: ['cid'],
    withoutPrekeys: ['cid'],
    message: expect.stringContaining('cid'),
  });
  today = 71;
  expect(textsOf(await conclave('cid', 'history', 'Vault'))).toEqual([said]);
  expect(await marked('ann')).toMatchObject({ exposedBy: ['cid'], withoutPrekeys: [] });
  // The next epoch, a week later, is wrapped to a prekey of Cid's again.
  await say('ann', 78);
  expect(await marked('bob')).toMatchObject({ exposedBy: [], withoutPrekeys: [] });
});
