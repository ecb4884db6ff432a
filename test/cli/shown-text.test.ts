import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';

/** C1, DEL, an override of direction, a line separator, and an invisible character beyond 16 bits. */
const HOSTILE = 'a\u009b31m\u007f\u202eb\u2028c\u{e0041}d';

let scene: CliScene;
let options: readonly string[];
beforeAll(async () => {
  scene = await CliScene.open('ann');
  options = scene.options('ann');
  await scene.done('ann', 'create', 'Lobby');
  await scene.done('ann', 'send', 'Lobby', HOSTILE);
});
afterAll(() => scene[Symbol.asyncDispose]());

it('JSON holds nothing that a terminal obeys or hides, and means what was sent', async () => {
  const { stdout, json } = await scene.as('ann', '--json', 'tail', 'Lobby');
  expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
  expect(json).toMatchObject([{ type: 'message', text: HOSTILE }]);
});

it('people get the time where they are, and programs get UTC', async () => {
  const at = async (zone: string, ...args: readonly string[]): Promise<string> =>
    (await cli([...options, ...args], { env: { TZ: zone } })).stdout;
  const json = await at('Asia/Tokyo', '--json', 'tail', 'Lobby');
  const sent = Date.parse(/"at":"([^"]+Z)"/.exec(json)?.[1] ?? '');
  for (const [zone, hours] of [
    ['Asia/Tokyo', 9],
    ['Etc/GMT+5', -5],
  ] as const) {
    const there = new Date(sent + hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    expect(await at(zone, 'tail', 'Lobby')).toContain(`${there}  ann: a`);
    expect(await at(zone, 'search', 'a')).toContain(`${there}  [Lobby] ann: a`);
  }
});

it.runIf(process.platform === 'linux')('an argument that is not UTF-8 is refused', async () => {
  const send = async (text: string): Promise<{ readonly code: unknown; readonly stderr: string }> =>
    new Promise((resolve) => {
      const command = [process.execPath, 'dist/client/cli/main.js', ...options, 'send', 'Lobby'];
      execFile('bash', ['-c', `"$@" ${text}`, 'bash', ...command], (error, _, stderr) => {
        resolve({ code: error?.code ?? 0, stderr });
      });
    });
  expect(await send(String.raw`$'caf\xe9'`)).toEqual({ code: 2, stderr: 'the text is not UTF-8\n' });
  expect(await send(String.raw`$'caf\xef\xbf\xbd'`)).toEqual({ code: 0, stderr: '' });
});
