import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TEXT_BYTES_MAX } from '../../../src/protocol/limits.ts';
import { commandNames, commandOf, mayUse, usageOf } from './command-table.ts';
import { parseInput } from './parse-input.ts';

function callOf(input: string): unknown {
  const parsed = parseInput(input);
  return parsed.type === 'command' ? parsed.call : parsed;
}

function faultOf(input: string): string {
  const parsed = parseInput(input);
  return parsed.type === 'error' ? parsed.message : `no fault: ${JSON.stringify(parsed)}`;
}

describe('an input', () => {
  it('is a message when it does not begin with a slash, as it was written', () => {
    expect(parseInput('hello  there\n  two\n\n')).toEqual({ type: 'message', text: 'hello  there\n  two' });
    expect(parseInput('  /quit')).toEqual({ type: 'message', text: '  /quit' });
  });

  it('is nothing when there is nothing in it', () => {
    for (const input of ['', ' ', '\n\t']) expect(parseInput(input)).toEqual({ type: 'nothing' });
  });

  it('is a message that begins with a slash when it begins with two', () => {
    expect(parseInput('//etc/passwd')).toEqual({ type: 'message', text: '/etc/passwd' });
    expect(parseInput('///x')).toEqual({ type: 'message', text: '//x' });
  });

  it('is refused when it is longer than a message may be', () => {
    expect(parseInput('é'.repeat(TEXT_BYTES_MAX / 2))).toMatchObject({ type: 'message' });
    expect(parseInput('é'.repeat(TEXT_BYTES_MAX / 2 + 1))).toEqual({
      type: 'error',
      message: 'The message has 16,386 bytes; at most 16,384 can be sent. Send it in parts.',
      secret: false,
    });
  });
});

describe('a command', () => {
  it('has its arguments in their types', () => {
    for (const [input, call] of [
      ['/join Lobby', { name: 'join', room: 'Lobby' }],
      ['/JOIN  #Lobby ', { name: 'join', room: 'Lobby' }],
      ['/leave', { name: 'leave', room: undefined }],
      ['/who @Alice', { name: 'who', user: 'Alice' }],
      ['/retention 0', { name: 'retention', hours: 0 }],
      ['/retention 7', { name: 'retention', hours: 168 }],
      ['/retention 12h', { name: 'retention', hours: 12 }],
      ['/hide', { name: 'hide', state: undefined }],
      ['/hide OFF', { name: 'hide', state: 'off' }],
      ['/password none', { name: 'password', none: 'none' }],
      ['/me waves  twice', { name: 'me', text: 'waves  twice' }],
      ['/me waves\nand goes', { name: 'me', text: 'waves\nand goes' }],
      ['/reply so do  I', { name: 'reply', text: 'so do  I' }],
      ['/edit', { name: 'edit', text: undefined }],
      ['/edit one\ntwo', { name: 'edit', text: 'one\ntwo' }],
      ['/retract', { name: 'retract' }],
      ['/react 👩‍👩‍👧', { name: 'react', emoji: '👩‍👩‍👧' }],
      ['/react :TADA:', { name: 'react', emoji: ':TADA:' }],
      ['/search two words', { name: 'search', text: 'two words' }],
      ['/help', { name: 'help', topic: undefined }],
      ['/quit', { name: 'quit' }],
    ] as const)
      expect([input, callOf(input)]).toEqual([input, call]);
  });

  it('takes what may be left away in any order', () => {
    const all = { name: 'create', room: 'Lobby', hidden: 'hidden', password: 'password', hours: 168 };
    expect(callOf('/create Lobby hidden password 7')).toEqual(all);
    expect(callOf('/create Lobby 7 password hidden')).toEqual(all);
    expect(callOf('/create hidden')).toEqual({
      name: 'create',
      room: 'hidden',
      hidden: undefined,
      password: undefined,
      hours: undefined,
    });
  });

  it('that is not there is refused with the nearest there is', () => {
    expect(faultOf('/jion Lobby')).toBe(
      'Unknown command /jion. Did you mean /join? To send it as text, type //jion.',
    );
    expect(faultOf('/etc/passwd is a file')).toBe(
      'Unknown command /etc/passwd. /help lists the commands. To send it as text, type //etc/passwd.',
    );
    for (const input of ['/', '/ join', '/constructor', '/__proto__', '/toString'])
      expect(faultOf(input)).toContain('Unknown command');
  });

  it('says what is wrong and how it is written', () => {
    expect(faultOf('/create')).toBe(
      '/create: NAME is missing. Usage: /create NAME [hidden] [password] [DAYS] (you are asked for the password)',
    );
    expect(faultOf('/verify al')).toBe(
      '/verify: "al" is not a user name: 3 to 20 letters (A to Z) and digits. Usage: /verify USER',
    );
    for (const none of ['ok', '👍👍', 'é', ':a', '👍 1'])
      expect(faultOf(`/react ${none}`)).toMatch(/is not an emoji, or the name of one|too many words/);
    expect(parseInput('/react')).toMatchObject({
      type: 'command',
      call: { name: 'react', emoji: undefined },
    });
    expect(faultOf('/retract now')).toContain('too many words');
    expect(faultOf('/unban Alice now')).toBe('/unban: too many words. Usage: /unban USER');
    expect(faultOf('/retention 99999')).toContain('a number of days from 0 (nothing is stored) to 3,650');
    expect(faultOf('/hide maybe')).toBe('/hide: "maybe" is not "on" or "off". Usage: /hide [on|off]');
  });

  it('repeats no more of what was written than shows which it was', () => {
    const fault = faultOf(`/verify ${'x'.repeat(500)}`);
    expect(fault).toContain(`"${'x'.repeat(31)}…"`);
    expect(fault.length).toBeLessThan(150);
  });

  it('never repeats what may be a password, and says that it is none for the history', () => {
    for (const input of [
      '/join Lobby hunter2x',
      '/create Lobby password hunter2x',
      '/password hunter2x',
      '/pasword hunter2x',
    ]) {
      const parsed = parseInput(input);
      expect(parsed).toMatchObject({ type: 'error', secret: true });
      expect(JSON.stringify(parsed)).not.toContain('hunter2x');
    }
    expect(parseInput('/verify a')).toMatchObject({ type: 'error', secret: false });
  });

  it('takes a path with its spaces quoted, in any of the ways in which terminals paste one', () => {
    const path = 'my  list.txt';
    for (const written of ['my\\ \\ list.txt', '"my  list.txt"', "'my  list.txt'", 'my"  "list.txt']) {
      const sent = { name: 'send', path, text: 'see  this' };
      expect(parseInput(`/send ${written}  see  this`)).toEqual({ type: 'command', call: sent });
      expect(parseInput(`/save 3 ${written}`)).toEqual({
        type: 'command',
        call: { name: 'save', number: 3, path },
      });
    }
    expect(parseInput("/send it's.txt now")).toMatchObject({ call: { path: "it's.txt", text: 'now' } });
    expect(parseInput('/send')).toMatchObject({ call: { name: 'send', path: undefined } });
    expect(parseInput('/save')).toMatchObject({ call: { number: undefined, path: undefined } });
    expect(parseInput('/open 0')).toMatchObject({ type: 'error' });
    expect(parseInput('/send ""')).toMatchObject({ call: { path: undefined } });
  });

  it('never throws, whatever is written', () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(...commandNames.map((name) => `/${name}`), '//', 'hidden', '0', ' ', '\n'),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(words, (parts) => {
        expect(parseInput(parts.join(' '))).toHaveProperty('type');
      }),
    );
  });
});

describe('the table of commands', () => {
  it('has every one that was promised', () => {
    const promised =
      'join leave create rooms members who verify trust keys kick ban unban grant revoke rename retention password hide delete me clear search ignore help quit';
    for (const name of promised.split(' ')) expect(commandNames).toContain(name);
  });

  it('shows how each is written', () => {
    expect(usageOf('create')).toBe('/create NAME [hidden] [password] [DAYS]');
    expect(usageOf('quit')).toBe('/quit');
  });

  it('knows who may use which', () => {
    expect(mayUse('join', 'anyone')).toBe(true);
    expect(mayUse('kick', 'member')).toBe(false);
    expect(mayUse('kick', 'owner')).toBe(true);
    expect(mayUse('grant', 'moderator')).toBe(false);
  });

  it('has what may be left away after what may not', () => {
    for (const name of commandNames) {
      const args = Object.values(commandOf(name).args).map(({ required }) => required);
      expect(args).toEqual([...args].sort((a, b) => Number(b) - Number(a)));
    }
  });
});
