import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';
import { OPTIONAL } from '../support/programs/optional.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
  await scene.sharedRoom('Refused');
});
afterAll(() => scene[Symbol.asyncDispose]());

/** Bob's bot, with a program for Node. */
async function botIn(room: string, source: string, ...options: string[]): Promise<RunningCli> {
  const file = join(scene.folder, `${room}.mjs`);
  await writeFile(file, `${PRELUDE}\n${source}`);
  return startCli([
    ...[...scene.options('bob'), '--json', 'bot', room, ...options],
    ...['--', process.execPath, file, '--a-flag-of-its-own'],
  ]);
}

/** `seen` gets each line that the program was given; `say` writes one. */
const PRELUDE = `
import { createInterface } from 'node:readline';
const say = (line) => console.log(JSON.stringify(line));
const given = (seen) => createInterface({ input: process.stdin }).on('line', (line) => seen(JSON.parse(line)));
`;

async function texts(room: string): Promise<unknown[]> {
  const { json } = await scene.done('alice', '--json', 'tail', room, '--since', 'all');
  return json.filter(({ type }) => type === 'message').map(({ text }) => text);
}

const eventuallyHas = (room: string, expected: readonly string[]): Promise<void> =>
  eventually(async () => expect(await texts(room)).toEqual(expected), { pauseMs: 300 });

async function stopped(bot: RunningCli): Promise<void> {
  bot.child.kill('SIGTERM');
  expect((await bot.ended).code).toBe(130);
}

describe('a bot', () => {
  it('answers, edits, reacts and retracts, and hears what became of it', async () => {
    await scene.sharedRoom('Acts');
    await scene.done('alice', 'send', 'Acts', 'hello');
    await using bot = await botIn(
      'Acts',
      `given((it) => {
        if (it.type === 'message') {
          say({ type: 'react', of: it.id, emoji: '👋' });
          say({ type: 'send', text: 'first ' + process.argv[2], re: it.id, tag: 'one' });
        }
        if (it.tag === 'one') {
          say({ type: 'edit', of: it.id, text: 'second', tag: 'two' });
          say({ type: 'retract', of: it.id, tag: 'three' });
        }
        if (it.tag === 'three') {
          say({ type: 'send', text: it.type });
          say({ type: 'remove', of: it.id, why: 'spam', tag: 'four' });
        }
        if (it.tag === 'four') say({ type: 'send', text: it.type + ' ' + it.code });
      });`,
    );
    // Without a cache, what was taken back is read as it was sent.
    const tail = ['--json', '--no-cache', 'tail', 'Acts', '--since', 'all'];
    await eventually(async () => {
      const { json } = await scene.done('alice', ...tail);
      expect(json.map(({ type, text, emoji }) => text ?? emoji ?? type)).toEqual([
        ...['hello', '👋', 'first --a-flag-of-its-own', 'second', 'retract', 'sent', 'refused forbidden'],
      ]);
    });
    await stopped(bot);
  });

  it('removes a message with its files, as a moderator', async () => {
    await scene.sharedRoom('Moderated');
    await scene.done('alice', 'room', 'grant', 'Moderated', 'bob');
    const picture = join(scene.folder, 'picture.png');
    await writeFile(picture, 'not really');
    const [sent] = (await scene.done('alice', '--json', 'send', 'Moderated', 'spam', '--file', picture)).json;
    await using bot = await botIn(
      'Moderated',
      `given((it) => {
        if (it.files) say({ type: 'remove', of: it.id, why: 'spam', tag: 'gone' });
        if (it.tag === 'gone') say({ type: 'send', text: it.type });
      });`,
    );
    await eventuallyHas('Moderated', ['spam', 'sent']);
    const saved = await scene.as('alice', '--json', 'save', 'Moderated', `${sent?.['id']}`, scene.folder);
    expect(saved.json).toMatchObject([{ type: 'error', code: 'no_such_file' }]);
    await stopped(bot);
  });

  it('goes on after the last message that it acknowledged, whatever ended it', async () => {
    await scene.sharedRoom('Resumed');
    for (const text of ['one', 'two', 'three']) await scene.done('alice', 'send', 'Resumed', text);
    const answers = `given((it) => {
      if (it.type !== 'message') return;
      say({ type: 'send', text: 'to ' + it.text });
      if (it.text === process.env.LAST) return;
      say({ type: 'done', seq: it.seq });
    });`;
    await using first = await botIn('Resumed', answers.replace('process.env.LAST', "'three'"));
    await eventuallyHas('Resumed', ['one', 'two', 'three', 'to one', 'to two', 'to three']);
    first.child.kill('SIGKILL');
    await first.ended;
    await using second = await botIn('Resumed', answers);
    await eventuallyHas('Resumed', [...['one', 'two', 'three', 'to one', 'to two', 'to three', 'to three']]);
    await stopped(second);
    await scene.done('alice', 'send', 'Resumed', 'four');
    await using third = await botIn('Resumed', answers);
    await eventuallyHas('Resumed', [
      ...['one', 'two', 'three', 'to one', 'to two', 'to three', 'to three', 'four', 'to four'],
    ]);
    await stopped(third);
  });

  it('starts a program again that fails, with the messages that it did not acknowledge', async () => {
    await scene.sharedRoom('Failing');
    for (const text of ['good', 'bad', 'good']) await scene.done('alice', 'send', 'Failing', text);
    const marker = join(scene.folder, 'failed-once');
    await using bot = await botIn(
      'Failing',
      `import { existsSync, writeFileSync } from 'node:fs';
      given((it) => {
        if (it.type !== 'message') return;
        if (it.text === 'bad' && !existsSync(${JSON.stringify(marker)})) {
          writeFileSync(${JSON.stringify(marker)}, '');
          process.exit(7);
        }
        say({ type: 'send', text: it.text + ' done' });
        say({ type: 'done', seq: it.seq });
      });`,
    );
    await eventually(
      async () => expect((await texts('Failing')).slice(-2)).toEqual(['bad done', 'good done']),
      { pauseMs: 300 },
    );
    expect(bot.stderr()).toContain('ended (exit code 7): starting it again in');
    await stopped(bot);
    expect((await bot.ended).json).toContainEqual({
      type: 'program',
      state: 'ended',
      exitCode: 7,
      signal: null,
    });
  });

  it('ends with 0 when its program has done its work', async () => {
    await scene.sharedRoom('Finished');
    await using bot = await botIn('Finished', `say({ type: 'send', text: 'good bye' });`);
    expect(await bot.ended).toMatchObject({ code: 0 });
    expect(await texts('Finished')).toEqual(['good bye']);
  });

  it('tells its program, and people, which of its lines were refused', async () => {
    await scene.sharedRoom('Wrong');
    await using bot = await botIn(
      'Wrong',
      `const refusals = [];
      given((it) => {
        if (it.type !== 'refused') return;
        refusals.push(it.line + ' ' + it.message);
        if (refusals.length === 6) say({ type: 'send', text: refusals.join('\\n') });
        if (refusals.length > 6) process.exit(0);
      });
      console.log('not json');
      say([1]);
      say({ type: 'shout' });
      say({ type: 'send' });
      say({ type: 'send', text: 'x', room: 'Elsewhere' });
      say({ type: 'done', seq: 99 });
      say({ type: 'send', text: '' });`,
    );
    await eventually(async () => expect(await texts('Wrong')).toHaveLength(1), { pauseMs: 300 });
    const [said] = await texts('Wrong');
    expect(String(said).split('\n')).toEqual([
      '1 the value is not JSON',
      '2 the value is not an object',
      '3 type is not one of send, edit, retract, remove, react, done',
      '4 text is missing',
      '5 this bot is not in Elsewhere',
      '6 you have not been given a message with this seq yet',
    ]);
    expect(bot.stderr()).toContain('line 4: text is missing');
    await bot.ended;
  });

  it('gives no more messages to a program that acknowledges none, and says so', async () => {
    await scene.sharedRoom('Stalled');
    const lines = Array.from({ length: 120 }, (_, i) => `m${i}`).join('\n');
    await scene.as('alice', 'join', 'Stalled');
    await using sending = startCli([...scene.options('alice'), 'send', 'Stalled']);
    sending.child.stdin?.end(lines);
    expect((await sending.ended).code).toBe(0);
    await using bot = await botIn(
      'Stalled',
      `let count = 0;
      given((it) => {
        if (it.type === 'message') count += 1;
        if (it.type === 'message' && count === 100) say({ type: 'send', text: 'has 100' });
        if (it.type === 'sent') say({ type: 'done', seq: 50 });
        if (count === 120) process.exit(0);
      });`,
    );
    expect(await bot.ended).toMatchObject({ code: 0 });
    expect(bot.stderr()).toContain('has acknowledged none of 100 messages of Stalled');
    expect((await texts('Stalled')).at(-1)).toBe('has 100');
  });

  it('lets its program finish when it is stopped, and leaves no process behind', async () => {
    await scene.sharedRoom('Stopped');
    await using bot = await botIn(
      'Stopped',
      `given(() => {}).on('close', () => {
        say({ type: 'send', text: 'last words of ' + process.pid });
        setInterval(() => {}, 1_000);
      });
      process.on('SIGTERM', () => {});
      say({ type: 'send', text: 'ready' });`,
    );
    await eventuallyHas('Stopped', ['ready']);
    await stopped(bot);
    const last = String((await texts('Stopped')).at(-1));
    expect(last).toMatch(/^last words of \d+$/);
    const pid = Number(last.split(' ').at(-1));
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });

  it.each([
    ['no program', ['bot', 'Refused'], 'give the program after --'],
    ['no room', ['bot', '--', 'true'], 'give 1 to 100 rooms'],
    ['a name that is no room', ['bot', 'no room', '--', 'true'], 'a room name is 3 to 30'],
    ['a program that is not there', ['bot', 'Refused', '--', './nowhere'], 'there is no program ./nowhere'],
    [
      'a program that may not be run',
      ['bot', 'Refused', '--', './package.json'],
      './package.json may not be run',
    ],
  ])('is refused with exit code 2 when there is %s', async (_, args, said) => {
    const { code, stderr } = await scene.as('bob', ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
  });
});

describe('the examples of docs/bots.md', () => {
  const exampleOf = async (language: string): Promise<string> => {
    const page = await readFile('docs/bots.md', 'utf8');
    const example = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? expect.unreachable();
    const file = join(scene.folder, `example.${language}`);
    await writeFile(file, example);
    await chmod(file, 0o755);
    return file;
  };

  it('answer and react, in Python', async () => {
    await scene.sharedRoom('Dice');
    await scene.done('alice', 'send', 'Dice', 'roll');
    await scene.done('alice', 'send', 'Dice', 'thanks');
    const file = await exampleOf('python');
    await using bot = startCli([...scene.options('bob'), 'bot', 'Dice', '--', file]);
    await eventually(async () => {
      const { json } = await scene.done('alice', '--json', 'tail', 'Dice', '--since', 'all');
      expect(json.slice(2)).toMatchObject([
        { type: 'message', text: expect.stringMatching(/^[1-6]$/), re: json[0]?.['id'] },
        { type: 'react', emoji: '👍', of: json[1]?.['id'] },
      ]);
    });
    await stopped(bot);
  });

  it('repeat what is said, in the shell', async ({ skip }) => {
    if (spawnSync('jq', ['--version']).error !== undefined) skip(`${OPTIONAL}jq is not installed`);
    await scene.sharedRoom('Echo');
    await scene.done('alice', 'send', 'Echo', 'a "quoted" text');
    const file = await exampleOf('sh');
    await using bot = startCli([...scene.options('bob'), 'bot', 'Echo', '--', file]);
    await eventuallyHas('Echo', ['a "quoted" text', 'you said: a "quoted" text']);
    await stopped(bot);
  });
});
