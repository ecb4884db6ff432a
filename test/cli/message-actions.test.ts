import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
});
afterAll(() => scene[Symbol.asyncDispose]());

const as = (name: string, ...args: readonly string[]): Promise<CliResult> =>
  scene.as(name, '--json', ...args);
const shown = (name: string, ...args: readonly string[]): Promise<CliResult> => scene.as(name, ...args);

/** Alice, who made it, and Bob in a room of this name, with these messages of Alice's; their ids. */
async function roomWith(room: string, ...texts: readonly string[]): Promise<readonly string[]> {
  await scene.sharedRoom(room);
  const ids: string[] = [];
  for (const text of texts) ids.push(`${(await as('alice', 'send', room, text)).json[0]?.['id']}`);
  return ids;
}

describe('a message on the command line', () => {
  it('is answered by the beginning of its id, or as the last one', async () => {
    const [first = ''] = await roomWith('Answers', 'lunch?', 'or dinner?');
    expect((await as('bob', 'send', 'Answers', 'lunch', '--reply', first.slice(0, 8))).code).toBe(0);
    const answer = await as('alice', 'send', 'Answers', 'at one', '--reply', 'last');
    expect(answer.json).toMatchObject([{ type: 'sent', room: 'Answers', seq: 4 }]);
    const told = (await as('bob', 'tail', 'Answers')).json;
    expect(told.map(({ text, re }) => [text, re])).toEqual([
      ['lunch?', undefined],
      ['or dinner?', undefined],
      ['lunch', first],
      ['at one', told[2]?.['id']],
    ]);
  });

  it('disappears for its readers that long after tail printed it, from what is kept too', async () => {
    await roomWith('Passing');
    const [sent] = (await as('alice', 'send', 'Passing', 'the code is 4711', '--disappear', '5s')).json;
    const id = sent?.['id'];
    const told = (await as('bob', 'tail', 'Passing')).json;
    expect(told).toMatchObject([{ type: 'message', id, text: 'the code is 4711', expires: 5 }]);
    const gone = { type: 'message', id, text: '', expires: 5, disappeared: true };
    await eventually(async () => expect((await as('bob', 'tail', 'Passing')).json).toMatchObject([gone]), {
      pauseMs: 500,
    });
    expect((await as('bob', '--no-cache', 'history', 'Passing')).stdout).not.toContain('4711');
    expect((await shown('bob', 'history', 'Passing')).stdout).toMatch(/alice: \(disappeared\)\n$/);
    expect((await as('bob', 'search', '4711')).json).toEqual([]);
    await eventually(
      async () => expect((await as('alice', 'edit', 'Passing', 'last', 'again')).code).toBe(2),
      { pauseMs: 500 },
    );
  });

  it('that has disappeared for its sender can still be taken back from those who have not seen it', async () => {
    await roomWith('Withdrawn');
    const [sent] = (await as('alice', 'send', 'Withdrawn', 'the code is 4711', '--disappear', '5s')).json;
    await eventually(
      async () =>
        expect((await as('alice', 'tail', 'Withdrawn')).json).toMatchObject([{ disappeared: true }]),
      { pauseMs: 500 },
    );
    expect((await as('alice', 'retract', 'Withdrawn', `${sent?.['id']}`)).code).toBe(0);
    expect((await shown('bob', 'history', 'Withdrawn')).stdout).toMatch(/alice: \(taken back\)\n$/);
  });

  it('that disappears is edited into one that disappears as soon', async () => {
    await roomWith('Lives');
    await as('alice', 'send', 'Lives', 'in an houer', '--disappear', '1h');
    expect((await as('alice', 'edit', 'Lives', 'last', 'in an hour')).code).toBe(0);
    expect((await as('bob', 'tail', 'Lives')).json).toMatchObject([
      { type: 'message', text: 'in an houer', expires: 3_600 },
      { type: 'edit', text: 'in an hour', expires: 3_600 },
    ]);
    expect((await shown('bob', 'history', 'Lives')).stdout).toContain('[disappears 1h after it was shown]');
    const refused = await shown('alice', 'send', 'Passing', 'hello', '--disappear', '4s');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('5s to 365d')]);
  });

  it('is edited, taken back and reacted to, each of which tail tells where it was done', async () => {
    const [hello = '', typo = ''] = await roomWith('Doings', 'hello', 'helo agian');
    const edited = await as('alice', 'edit', 'Doings', 'last', 'hello again');
    expect(edited.json).toEqual([
      { type: 'sent', room: 'Doings', seq: 3, id: expect.stringMatching(/^[0-9a-f]{32}$/), of: typo },
    ]);
    expect((await as('bob', 'react', 'Doings', hello, '👍')).json).toMatchObject([{ seq: 4, of: hello }]);
    expect((await as('bob', 'react', 'Doings', hello, '👍', '--remove')).code).toBe(0);
    expect((await as('alice', 'retract', 'Doings', typo.slice(0, 12))).code).toBe(0);

    const common = { room: 'Doings', at: expect.any(String), trust: 'pinned', id: expect.any(String) };
    expect((await as('bob', 'tail', 'Doings', '--since', '2')).json).toEqual([
      { ...common, type: 'edit', seq: 3, from: 'alice', of: typo, text: 'hello again' },
      { ...common, type: 'react', seq: 4, from: 'bob', of: hello, emoji: '👍', add: true, trust: 'verified' },
      {
        ...common,
        type: 'react',
        seq: 5,
        from: 'bob',
        of: hello,
        emoji: '👍',
        add: false,
        trust: 'verified',
      },
      { ...common, type: 'retract', seq: 6, from: 'alice', of: typo },
    ]);
    const lines = (await shown('bob', 'tail', 'Doings', '--ids')).stdout.trimEnd().split('\n');
    const [a, b] = [hello.slice(0, 8), typo.slice(0, 8)];
    expect(lines.map((line) => line.replace(/^\S+ \S+ {2}/, ''))).toEqual([
      `${a}  alice: hello`,
      // Read before, and emptied, with its edit, when it was taken back.
      `${b}  alice: `,
      expect.stringMatching(new RegExp(`^[0-9a-f]{8} {2}alice edited ${b}: $`)),
      expect.stringMatching(new RegExp(`^[0-9a-f]{8} {2}bob reacted 👍 to ${a}$`)),
      expect.stringMatching(new RegExp(`^[0-9a-f]{8} {2}bob took 👍 back from ${a}$`)),
      expect.stringMatching(new RegExp(`^[0-9a-f]{8} {2}alice took ${b} back$`)),
    ]);
    // What was taken back is not the last message any more.
    expect((await as('alice', 'retract', 'Doings', 'last')).json).toMatchObject([{ of: hello }]);
  });

  it('is removed by the owner, which tail tells with the role and the reason, and stays to be read', async () => {
    await scene.sharedRoom('Removed');
    const { json } = await as('bob', 'send', 'Removed', 'buy now');
    const id = `${json[0]?.['id']}`;
    const done = await as('alice', 'remove', 'Removed', 'last', 'no\u202e trade');
    expect(done.json).toMatchObject([{ type: 'sent', seq: 2, of: id }]);
    expect((await as('bob', 'tail', 'Removed')).json).toMatchObject([
      { type: 'message', text: 'buy now' },
      { type: 'remove', from: 'alice', of: id, why: 'no\u202e trade', role: 'owner' },
    ]);
    expect((await shown('bob', 'tail', 'Removed')).stdout).toContain(
      `alice (owner, says the server) removed ${id.slice(0, 8)}: no<U+202E> trade`,
    );
    expect((await as('bob', 'search', 'buy')).json).toMatchObject([{ text: 'buy now' }]);
    expect((await as('bob', 'remove', 'Removed', id)).json).toMatchObject([
      { type: 'error', code: 'forbidden', message: expect.stringContaining('the owner and moderators') },
    ]);
  });

  it('keeps what it answers when it is edited', async () => {
    const [question = ''] = await roomWith('Kept', 'lunch?');
    const answer = await as('bob', 'send', 'Kept', 'at on', '--reply', 'last');
    await as('bob', 'edit', 'Kept', 'last', 'at one');
    const told = (await as('alice', 'tail', 'Kept', '--since', '2')).json;
    expect(told).toMatchObject([{ type: 'edit', of: answer.json[0]?.['id'], text: 'at one', re: question }]);
  });

  it('is left alone where that is refused, with the reason', async () => {
    const [mine = ''] = await roomWith('Refused', 'mine');
    const nothing = 'f'.repeat(32);
    for (const [args, reason] of [
      [
        ['edit', 'Refused', mine, 'yours'],
        'this message is by alice: you can edit and retract only your own',
      ],
      [
        ['retract', 'Refused', mine.slice(0, 8)],
        'this message is by alice: you can edit and retract only your own',
      ],
      [['retract', 'Refused', 'last'], 'there is no message of yours among the last 1,000 of Refused'],
      [['react', 'Refused', nothing, '👍'], `there is no message ${nothing} among the last 1,000 of Refused`],
      [['react', 'Refused', mine, 'ok'], 'ok is not an emoji: a reaction is one emoji'],
      [['react', 'Refused', mine, '👍👍'], '👍👍 is not an emoji: a reaction is one emoji'],
      [
        ['edit', 'Refused', mine.slice(0, 7), 'x'],
        `${mine.slice(0, 7)} is not a message: give an id that tail --ids or --json prints, or "last"`,
      ],
      [
        ['send', 'Refused', '--reply', 'last'],
        '--reply goes with a text, or with - for all of standard input',
      ],
    ] as const)
      expect((await as('bob', ...args)).json).toEqual([
        expect.objectContaining({ type: 'error', code: 'usage', message: reason }),
      ]);
    expect((await as('bob', 'tail', 'Refused')).json).toHaveLength(1);
  });
});
