import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cli, startCli } from '../support/cluster/cli-process.ts';
import { CliScene, textsOf as texts } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/services/server-process.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.with({ PORT: `${await freePort()}` });
  for (const name of ['alice', 'bob']) await scene.done(name, 'register', name);
  await scene.sharedRoom('Storm');
});
afterAll(() => scene[Symbol.asyncDispose]());

const options = (name: string): string[] => [...scene.options(name), '--json'];
const as = (name: string, ...args: readonly string[]): Promise<CliResult> =>
  scene.as(name, '--json', ...args);

describe('send and tail --follow', () => {
  it('live through a gateway that is killed and comes back: nothing acknowledged is missing, nothing comes twice', async () => {
    await using tail = startCli([
      ...options('bob'),
      'tail',
      'Storm',
      '--since',
      'all',
      '--follow',
      '--count',
      '60',
    ]);
    await using send = startCli([...options('alice'), 'send', 'Storm']);
    const lines = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, i) => `m${from + i}`);
    send.child.stdin?.write(`${lines(0, 20).join('\n')}\n`);
    await eventually(() => expect(send.stdout().match(/"sent"/g)?.length).toBe(20));
    // Whoever was never connected waits in silence, so both are at work before the gateway dies.
    await eventually(() => expect(tail.stdout()).toContain('"m19"'));
    send.child.stdin?.write(`${lines(20, 40).join('\n')}\n`);
    await scene.gateway.kill();
    send.child.stdin?.end(`${lines(40, 60).join('\n')}\n`);
    await eventually(() => expect(tail.stdout()).toContain('"waiting"'));
    await scene.restart();
    const sent = await send.ended;
    expect(sent.code, sent.stderr).toBe(0);
    expect(sent.json.filter(({ type }) => type === 'sent')).toHaveLength(60);
    const read = await tail.ended;
    expect(read.code, read.stderr).toBe(0);
    expect(texts(read)).toEqual(lines(0, 60));
    expect(read.json.filter(({ type }) => type === 'gap')).toEqual([]);
    expect(read.json).toContainEqual({ type: 'connection', state: 'waiting' });
  });

  it('end when the time allowed runs out while the server is away', async () => {
    await scene.gateway.kill();
    await using send = startCli([...options('alice'), '--timeout', '2', 'send', 'Storm', 'into the void']);
    expect(await send.ended).toMatchObject({ code: 3, json: [{ type: 'error', code: 'no_connection' }] });
    await scene.restart();
  });

  it('say with which line to go on when they are interrupted, and nothing acknowledged comes twice', async () => {
    await as('alice', 'create', 'Halted');
    const lines = Array.from({ length: 20_000 }, (_, i) => `h${i + 1}`);
    await using send = startCli([...options('alice'), 'send', 'Halted']);
    send.child.stdin?.write(`${lines.join('\n')}\n`);
    await eventually(() => expect(send.stdout().match(/"sent"/g)?.length).toBeGreaterThan(20));
    send.child.kill('SIGINT');
    const { code, json, stderr } = await send.ended;
    expect(code).toBe(130);
    const sent = json.filter(({ type }) => type === 'sent').length;
    const next = /continue with line ([\d,]+)/.exec(stderr)?.[1]?.replaceAll(',', '');
    expect(stderr).toContain(`everything up to line ${sent.toLocaleString('en')} was sent`);
    expect(Number(next)).toBe(sent + 1);
    const stored = texts(await as('alice', 'tail', 'Halted', '--since', 'all'));
    expect(stored.slice(0, sent)).toEqual(lines.slice(0, sent));
    const resumed = await cli([...options('alice'), 'send', 'Halted'], {
      stdin: lines.slice(stored.length, stored.length + 10).join('\n'),
    });
    expect(resumed.code, resumed.stderr).toBe(0);
    const all = texts(await as('alice', 'tail', 'Halted', '--since', 'all'));
    expect(all).toEqual(lines.slice(0, stored.length + 10));
  });

  it('say that the line on its way may have arrived when the server is silent', async () => {
    await using send = startCli([...options('alice'), 'send', 'Storm']);
    send.child.stdin?.write('first\n');
    await eventually(() => expect(send.stdout()).toContain('"sent"'));
    scene.gateway.pause();
    send.child.stdin?.write('second\nthird\n');
    // Both are there before the interrupt, so one is on its way before it is heard.
    await eventually(() => expect(send.child.stdin?.writableLength).toBe(0));
    send.child.kill('SIGINT');
    const ended = await send.ended;
    scene.gateway.resume();
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(
      /everything up to line 1 was sent(, and line 2 may have arrived)?; continue with line 2/,
    );
  });
});
