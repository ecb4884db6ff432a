import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Profile } from '../../client/profile/profile.ts';
import { packPerson, parsePerson } from '../../client/sdk/people/person-record.ts';
import type { SignedIdentity } from '../../src/protocol/entities.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { parseRoomName } from '../../src/protocol/names.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { command } from '../support/cluster/cli-in-process.ts';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { renameRooms } from '../support/hostile/rename-rooms.ts';
import { impostorOf, swapKeys } from '../support/hostile/swap-keys.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { startChat, startNewChat } from '../support/terminal/chat-terminal.ts';
import { present } from './people.ts';

/** The programs as people run them, on a real screen and from scripts, behind a server that lies over time. */

let theatre: Theatre;
let bob: Actor;
let bobId: UserId;

beforeEach(async () => {
  theatre = await Theatre.open();
  bob = await theatre.actor('Bob', { honestly: true });
  bobId = (await bob.client.me()).id;
  await bob.client.create('Trusting');
});

afterEach(() => theatre[Symbol.asyncDispose]());

const chat = () => ({
  server: theatre.hostile.url,
  profile: theatre.profile('ann'),
  user: 'ann',
  columns: 120,
  rows: 40,
});

const ann = (...args: readonly string[]): Promise<CliResult> =>
  command([
    ...['--server', theatre.hostile.url, '--profile', theatre.profile('ann'), '--user', 'ann'],
    ...args,
  ]);

/** Ann in a script, who wrote to Bob once. */
async function annWrote(): Promise<void> {
  expect((await ann('--no-passphrase', 'register', 'ann')).code).toBe(0);
  expect((await ann('join', 'Trusting')).code).toBe(0);
  expect((await ann('send', 'Trusting', 'to Bob')).code).toBe(0);
}

describe('on the screen', () => {
  it('the number that was compared is the one that is verified, though the server swaps the key before v is pressed', async () => {
    await using terminal = await startNewChat({ ...chat(), room: 'Trusting' });
    await terminal.shows(/^ Trusting {2}open room/);
    await terminal.line('/verify Bob');
    await terminal.shows('Safety number with Bob');
    swapKeys(theatre.hostile, bobId, await impostorOf(bob));
    await terminal.type('v');
    await terminal.shows('Bob is verified');
    await terminal.line('/quit');
    await terminal.ended();
    await using again = startChat(chat());
    await again.shows('key of Bob changed: sending stopped');
    await again.line('to whom?');
    await again.shows('not sent: the key of Bob is not the one that you saw');
    expect(theatre.hostile.count('send')).toBe(0);
    theatre.hostile.honest();
    await again.line('/verify Bob');
    await again.shows('Now: verified.');
  });

  it('a server that goes back to its first fake key is refused after the real one was verified', async () => {
    const fake = await impostorOf(bob);
    swapKeys(theatre.hostile, bobId, fake);
    {
      await using first = await startNewChat({ ...chat(), room: 'Trusting' });
      await first.shows(/^ Trusting {2}open room/);
      await first.line('into the wrong hands');
      await first.shows(/ann✓ into the wrong hands/);
      await first.line('/quit');
      await first.ended();
    }
    theatre.hostile.honest();
    {
      await using second = startChat(chat());
      await second.shows('key of Bob changed: sending stopped');
      await second.line('/verify Bob');
      await second.shows('KEY CHANGED');
      await second.type('v');
      await second.shows('Bob is verified');
      await second.line('to the real one');
      await second.shows(/ann✓ to the real one/);
      await second.line('/quit');
      await second.ended();
    }
    swapKeys(theatre.hostile, bobId, fake);
    const sent = theatre.hostile.count('send');
    await using third = startChat(chat());
    await third.shows('key of Bob changed: sending stopped');
    await third.line('to whom?');
    await third.shows('not sent: the key of Bob is not the one that you saw');
    expect(theatre.hostile.count('send')).toBe(sent);
  });

  it('a name that is typed leads nowhere else after two renames', async () => {
    const { trusting, elsewhere } = await twoRooms();
    {
      await using first = await startNewChat({ ...chat(), room: 'Trusting' });
      await first.shows(/^ Trusting {2}open room/);
      await first.line('/join Elsewhere');
      await first.shows(/^ Elsewhere {2}open room/);
      await first.line('/quit');
      await first.ended();
    }
    swapNames(trusting, elsewhere);
    await using again = startChat(chat());
    await again.shows(/^ Trusting {2}could not be opened/);
    await again.shows(/--\s+the room Trusting is now called Moved/);
    const sent = theatre.hostile.count('send');
    await again.line('secret');
    await again.shows(/^ the room Trusting is now called Moved/m);
    await again.keys('C-u');
    await again.line('/join Trusting');
    await again.shows('Use Trusting as it is now?');
    await again.shows('Trusting is the former name of Moved, and now leads to another room');
    expect(theatre.hostile.count('send')).toBe(sent);
  });

  it('keys that were replaced are not written to when the server lists them again', async () => {
    const before = present(bob.storage.account.identities[0]).signed;
    {
      await using first = await startNewChat({ ...chat(), room: 'Trusting' });
      await first.shows(/^ Trusting {2}open room/);
      await bob.client.rotate();
      await first.line('to the new key');
      await first.shows(/ann✓ to the new key/);
      await first.line('/quit');
      await first.ended();
    }
    await longAgo();
    listKeysAgain(before);
    const sent = theatre.hostile.count('send');
    await using again = startChat(chat());
    await again.shows(/^ Trusting {2}open room/);
    await again.line('to a thief');
    await again.shows('not sent: the server lists keys of Bob that were');
    expect(theatre.hostile.count('send')).toBe(sent);
  });
});

describe('in a script', () => {
  it('a changed key is accepted by its fingerprint alone, and a shown one by nobody', async () => {
    await annWrote();
    const impostor = await impostorOf(bob);
    swapKeys(theatre.hostile, bobId, impostor);
    const refused = await ann('send', 'Trusting', 'to whom?');
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('the key of Bob')]);
    expect((await ann('trust', 'Bob')).code).toBe(2);
    const real = (await bob.client.me()).fingerprint;
    expect((await ann('trust', 'Bob', '--fingerprint', real)).code).toBe(6);
    expect((await ann('verify', 'Bob', '--fingerprint', real)).code).toBe(6);
    expect((await ann('send', 'Trusting', 'still not')).code).toBe(6);
    expect(theatre.hostile.count('send')).toBe(1);
  });

  it('a server that goes back to its first fake key is refused after the real one was verified', async () => {
    const fake = await impostorOf(bob);
    swapKeys(theatre.hostile, bobId, fake);
    await annWrote();
    theatre.hostile.honest();
    const real = (await bob.client.me()).fingerprint;
    expect((await ann('send', 'Trusting', 'to whom?')).code).toBe(6);
    expect((await ann('trust', 'Bob', '--fingerprint', real)).code).toBe(0);
    expect((await ann('verify', 'Bob', '--fingerprint', real)).code).toBe(0);
    expect((await ann('send', 'Trusting', 'to the real one')).code).toBe(0);
    swapKeys(theatre.hostile, bobId, fake);
    const sent = theatre.hostile.count('send');
    expect((await ann('send', 'Trusting', 'to whom?')).code).toBe(6);
    expect(theatre.hostile.count('send')).toBe(sent);
  });

  it('a name that was typed leads nowhere else after two renames', async () => {
    const { trusting, elsewhere } = await twoRooms();
    await annWrote();
    expect((await ann('join', 'Elsewhere')).code).toBe(0);
    expect((await ann('send', 'Elsewhere', 'hello')).code).toBe(0);
    swapNames(trusting, elsewhere);
    expect((await ann('send', 'Moved', 'followed')).code).toBe(0);
    const sent = theatre.hostile.count('send');
    const refused = await ann('send', 'Trusting', 'secret');
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('Moved')]);
    expect(theatre.hostile.count('send')).toBe(sent);
  });

  it('keys that were replaced are not written to when the server lists them again', async () => {
    await annWrote();
    const before = present(bob.storage.account.identities[0]).signed;
    await bob.client.rotate();
    expect((await ann('send', 'Trusting', 'to the new key')).code).toBe(0);
    await longAgo();
    listKeysAgain(before);
    const sent = theatre.hostile.count('send');
    const refused = await ann('send', 'Trusting', 'to a thief');
    expect([refused.code, refused.stderr]).toEqual([6, expect.stringContaining('replaced')]);
    expect(theatre.hostile.count('send')).toBe(sent);
  });
});

async function twoRooms(): Promise<{ readonly trusting: RoomId; readonly elsewhere: RoomId }> {
  await bob.client.create('Elsewhere');
  const [trusting, elsewhere] = [await bob.client.room('Trusting'), await bob.client.room('Elsewhere')];
  return { trusting: trusting.id, elsewhere: elsewhere.id };
}

/** The server calls `trusting` Moved, and gives its name to `elsewhere`. */
function swapNames(trusting: RoomId, elsewhere: RoomId): void {
  const names: readonly (readonly [RoomId, string])[] = [
    [trusting, 'Moved'],
    [elsewhere, 'Trusting'],
  ];
  renameRooms(theatre.hostile, new Map(names.map(([room, name]) => [room, present(parseRoomName(name))])));
}

/** The server's member lists have these keys for Bob. */
function listKeysAgain(identity: SignedIdentity): void {
  theatre.hostile.reply('members', (reply) => ({
    ...reply,
    members: reply.members.map((entry) => (entry.user === bobId ? { ...entry, identity } : entry)),
  }));
}

/** Bob's present keys took the place of the ones before longer ago than a member list may be behind. */
async function longAgo(): Promise<void> {
  const origin = present(parseOrigin(theatre.hostile.url));
  const profile = new Profile(theatre.profile('ann'));
  const [user] = await profile.users(origin);
  const account = await profile.open(origin, present(user), undefined);
  await account.state.update('people', bobId, (stored) => ({
    value: packPerson({ ...present(parsePerson(stored)), since: 1 }),
    result: undefined,
  }));
  await account.close();
}
