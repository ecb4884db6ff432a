import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { endsWithUs } from '../support/programs/at-end.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
});
afterAll(() => scene[Symbol.asyncDispose]());

/** Bob's command, once alice sees him in the room. */
async function bobIn(room: string, ...args: string[]): Promise<RunningCli> {
  const running = startCli([...scene.options('bob'), '--json', ...args]);
  await eventually(async () =>
    expect((await scene.as('alice', '--json', 'members', room)).json).toContainEqual(
      expect.objectContaining({ user: 'bob', online: true }),
    ),
  );
  return running;
}

/** Bob's reader, once it follows: others see a client in its rooms before it has opened one. */
async function bobFollowing(...rooms: string[]): Promise<RunningCli> {
  const tail = startCli([...scene.options('bob'), '--json', 'tail', '--follow', ...rooms]);
  await eventually(() => expect(tail.stdout()).toContain('"online"'));
  return tail;
}

describe('tail --follow in a pipe', () => {
  it('ends with its reader, in a room where nobody writes any more', async () => {
    await scene.sharedRoom('Piped');
    await scene.as('alice', 'send', 'Piped', 'one');
    await scene.as('alice', 'send', 'Piped', 'two');
    const follow = [
      process.execPath,
      'dist/client/cli/main.js',
      ...scene.options('bob'),
      'tail',
      'Piped',
      '--follow',
    ];
    const script = `"$@" | head -1; echo "ended with \${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', script, 'bash', ...follow], { stdio: ['ignore', 'pipe', 'inherit'] });
    endsWithUs(child, 'SIGKILL');
    let stdout = '';
    child.stdout.on('data', (text) => {
      stdout += String(text);
    });
    await once(child, 'close');
    expect(stdout).toMatch(/alice: one\nended with 0\n$/);
  });

  it('ends with the program that started it and closed its end', async () => {
    await scene.sharedRoom('Closed');
    await using tail = await bobIn('Closed', 'tail', 'Closed', '--follow');
    tail.child.stdout?.destroy();
    const { code, stderr } = await tail.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('a room that one is no longer in', () => {
  it.each([
    [
      'Kicked',
      ['room', 'kick', 'Kicked', 'bob', 'off topic'],
      'not_a_member',
      { reason: 'kicked', by: 'alice', why: 'off topic' },
      'you were kicked from Kicked',
    ],
    [
      'Banned',
      ['room', 'ban', 'Banned', 'bob'],
      'banned',
      { reason: 'banned', by: 'alice' },
      'you were banned from Banned',
    ],
    [
      'Deleted',
      ['room', 'delete', 'Deleted', '--yes'],
      'no_such_room_or_password',
      { reason: 'deleted' },
      'the room Deleted was deleted',
    ],
  ])('ends tail --follow with the reason and exit code 5: %s', async (room, act, code, gone, said) => {
    await scene.sharedRoom(room);
    await using tail = await bobFollowing(room);
    expect((await scene.as('alice', ...act)).code).toBe(0);
    const ended = await tail.ended;
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain(said);
    expect(ended.json).toContainEqual({ type: 'room-gone', room, ...gone });
    expect(ended.json.at(-1)).toMatchObject({ type: 'error', code, message: expect.stringContaining(said) });
  });

  it('is gone by whom the server says and for the reason that was given, both in plain characters', async () => {
    await scene.sharedRoom('Quiet');
    await scene.done('alice', 'send', 'Quiet', 'is this quiet?');
    await using tail = startCli([...scene.options('bob'), 'tail', 'Quiet', '--follow']);
    await eventually(() => expect(tail.stdout()).toContain('is this quiet?'));
    expect((await scene.as('alice', 'room', 'kick', 'Quiet', 'bob', 'too \u202eloud')).code).toBe(0);
    expect((await tail.ended).stderr).toContain(
      'you were removed from this room (by alice, says the server: “too <U+202E>loud”)',
    );
  });

  it('ends tail --follow also when it was left in another session', async () => {
    await scene.sharedRoom('Left');
    await using tail = await bobFollowing('Left');
    expect((await scene.as('bob', 'leave', 'Left')).code).toBe(0);
    const ended = await tail.ended;
    expect([ended.code, ended.stderr]).toEqual([
      5,
      expect.stringContaining('you are no longer a member of Left'),
    ]);
  });

  it('ends send at the next line, which was not sent, and says why', async () => {
    await scene.sharedRoom('Fed');
    await using send = await bobIn('Fed', 'send', 'Fed');
    send.child.stdin?.write('first\n');
    await eventually(() => expect(send.stdout()).toContain('"sent"'));
    expect((await scene.as('alice', 'room', 'kick', 'Fed', 'bob')).code).toBe(0);
    send.child.stdin?.write('second\n');
    const ended = await send.ended;
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain('everything up to line 1 was sent; line 2 was not');
    expect(ended.json.at(-1)).toMatchObject({ type: 'error', code: 'not_a_member' });
    expect(ended.stderr).toMatch(/you (were kicked from|are not a member of) Fed/);
  });
});

describe('tail of several rooms', () => {
  it('prints the stored messages of each, and tells them apart', async () => {
    for (const room of ['East', 'West']) {
      await scene.sharedRoom(room);
      await scene.as('alice', 'send', room, `in ${room}`);
    }
    const { code, stdout } = await scene.as('bob', 'tail', 'East', 'West');
    expect({ code, lines: stdout.replaceAll(/^\S+ \S+ {2}/gm, '') }).toEqual({
      code: 0,
      lines: '[East] alice: in East\n[West] alice: in West\n',
    });
  });

  it('follows those that are left when one of them ends, and exits with its reason after the last', async () => {
    for (const room of ['Ends', 'Stays']) await scene.sharedRoom(room);
    await using tail = await bobFollowing('Ends', 'Stays');
    await scene.as('alice', 'room', 'delete', 'Ends', '--yes');
    await eventually(() => expect(tail.stderr()).toContain('the room Ends was deleted'));
    await scene.as('alice', 'send', 'Stays', 'still here');
    await eventually(() => expect(tail.stdout()).toContain('still here'));
    await scene.as('alice', 'room', 'kick', 'Stays', 'bob');
    expect(await tail.ended).toMatchObject({ code: 5, stderr: expect.stringContaining('Ends was deleted') });
  });

  it('names the room that it cannot open', async () => {
    await scene.sharedRoom('Known');
    const { code, stderr } = await scene.as('bob', 'tail', 'Known', 'Nowhere');
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('Nowhere') });
  });
});
