import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { StoredMessage } from '../../src/protocol/message-requests.ts';
import { sealFor } from '../support/cluster/raw-message.ts';
import { RawSession } from '../support/cluster/raw-session.ts';
import { type Actor, read, shown, Theatre } from '../support/hostile/theatre.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterEach(() => theatre.hostile.begin());

afterAll(() => theatre[Symbol.asyncDispose]());

/** Alice and Mallory, honestly connected, and Bob behind the hostile server, in Alice's room. */
async function scene() {
  const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
  const mallory = await theatre.actor(theatre.name('Mallory'), { honestly: true });
  const bob = await theatre.actor(theatre.name('Bob'));
  const name = theatre.name('Lobby');
  await alice.client.create(name);
  await mallory.client.join(name);
  await bob.client.join(name);
  const [alices, bobs] = [await alice.client.room(name), await bob.client.room(name)];
  return { alice, mallory, bob, alices, bobs };
}

function bare({ storage }: Actor): Promise<RawSession> {
  return RawSession.open({ url: theatre.gateway.url, account: storage.account });
}

it('somebody who was put out cannot go on talking with the help of the server', async () => {
  const { alice, mallory, bob, alices, bobs } = await scene();
  await alices.send('hello, Mallory');
  const { id: malloryId } = await mallory.client.me();
  const { id: bobId } = await bob.client.me();
  await alices.kick((await mallory.client.me()).user);
  await alices.send('now we are alone');

  // For exactly the members that there are now, whose keys Mallory knows.
  await using member = await bare(alice);
  await using signer = await bare(mallory);
  const { header, ciphertext, wraps } = await sealFor(member, alices.id, 'indeed you are', { signer });
  const place = [member.user, bobId].sort().indexOf(bobId);
  const wrap = wraps.slice(256 * place, 256 * (place + 1));
  theatre.hostile.reply('history', (reply) => ({
    ...reply,
    messages: reply.messages.map(
      (message): StoredMessage =>
        message.seq === 2 ? { ...message, from: malloryId, header, ciphertext, wrap } : message,
    ),
  }));
  expect(await read(bobs)).toEqual([
    'hello, Mallory',
    'forged: its sender was not a member of the room at that time',
  ]);
});

it("nobody takes a message id of another's message, for those who read it later", async () => {
  const { alice, mallory, alices, bobs } = await scene();
  await using member = await bare(alice);
  await using other = await bare(mallory);
  const { id } = await alices.send('by Alice');
  await other.request(
    'send',
    await sealFor(member, alices.id, 'by Mallory', { signer: other, messageId: id }),
  );
  // As who scrolls back: the later one is seen first.
  const texts: string[] = [];
  for (const before of [3, 2]) {
    const page = await bobs.history({ before, limit: 1 });
    texts.push(...page.messages.map(shown));
  }
  expect(texts).toEqual(['by Mallory', 'by Alice']);
});
