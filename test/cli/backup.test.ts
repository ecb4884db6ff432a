import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gather, registerAll } from '../support/cluster/conversation.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { People } from '../support/cluster/people.ts';

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-backup-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Outcome {
  readonly code: number;
  readonly stderr: string;
}

function backUp(target: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env } };
    execFile(process.execPath, ['dist/src/main.js', '--backup', target], options, (error, _, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
}

test('a backup that is made while people talk has everything that was acknowledged before it, and a gateway starts on it', async () => {
  const dir = temporaryDir();
  const [data, copy] = [join(dir, 'data'), join(dir, 'copy')];
  await using gateway = await startGateway({ DATA_DIR: data, ...ratesOff });
  await using people = new People();
  const devices = await registerAll(people, ['Ann', 'Bob'], [gateway.url]);
  const { oracle, rooms } = await gather('Lobby', devices);
  const [room] = rooms.values();
  if (room === undefined) return expect.unreachable();
  for (let count = 0; count < 20; count += 1) await oracle.say(room, 'Ann');
  const before = oracle.acknowledgedCount;
  let talking = true;
  const talk = (async () => {
    while (talking) await oracle.say(room, 'Ann');
  })();
  expect(await backUp(copy, { CONCLAVE_DATA_DIR: data })).toEqual({ code: 0, stderr: '' });
  const duringBackup = oracle.acknowledgedCount;
  talking = false;
  await talk;
  expect(duringBackup).toBeGreaterThan(before);
  const files = readdirSync(copy);
  expect(files).toContain('data.mdb');
  for (const path of [copy, ...files.map((file) => join(copy, file))])
    expect(statSync(path).mode & 0o077).toBe(0);

  await using restored = await startGateway({ DATA_DIR: copy, ...ratesOff });
  const [ann] = devices;
  if (ann === undefined) return expect.unreachable();
  const { client } = await people.login(ann.storage.account, restored.url);
  const { messages } = await (await client.room('Lobby')).history({ after: 0 });
  expect(messages.length).toBeGreaterThanOrEqual(before);
});

test('a backup never overwrites, and says what is wrong', async () => {
  const dir = temporaryDir();
  const refused = await backUp(dir, { CONCLAVE_DATA_DIR: join(dir, 'none') });
  expect(refused).toEqual({ code: 2, stderr: expect.stringContaining('there is no store in') });
  const clustered = { CONCLAVE_REDIS_URL: 'redis://r', CONCLAVE_MONGODB_URL: 'mongodb://m/c' };
  expect((await backUp(join(dir, 'new'), clustered)).stderr).toContain('the backup is one of MongoDB');
});

test.each([
  ['/proc/conclave/copy', 'ENOENT'],
  ['/dev/null/copy', 'ENOTDIR'],
])('a backup to %s, where no folder can be made, is refused at once', async (target, reason) => {
  const data = temporaryDir();
  writeFileSync(join(data, 'data.mdb'), '');
  const refused = await backUp(target, { CONCLAVE_DATA_DIR: data });
  expect(refused).toEqual({ code: 2, stderr: expect.stringContaining(reason) });
});
