import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timelineOf } from '../../client/sdk/index.ts';
import type { StoredMessage } from '../../src/protocol/requests.ts';
import { shown, Theatre } from '../support/hostile/theatre.ts';
import { changed, present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterAll(() => theatre[Symbol.asyncDispose]());

describe('what is done to a message', () => {
  it('counts for nothing where it was altered, or is said to be by the sender of that message', async () => {
    const alice = await theatre.actor(theatre.name('Alice'), { honestly: true });
    const bob = await theatre.actor(theatre.name('Bob'));
    const name = theatre.name('Lobby');
    await alice.client.create(name);
    await bob.client.join(name);
    const alices = await alice.client.room(name);
    const bobs = await bob.client.room(name);
    const { id } = await alices.send('pay nobody');
    await alices.edit(id, 'pay alice');
    await bobs.edit(id, 'pay bob');
    await bobs.retract(id);

    const { id: sender } = await alice.client.me();
    const rewritten = (message: StoredMessage): StoredMessage =>
      message.seq === 2
        ? { ...message, ciphertext: changed(message.ciphertext) }
        : { ...message, from: sender };
    theatre.hostile.reply('history', (reply) => ({ ...reply, messages: reply.messages.map(rewritten) }));
    const { messages } = await bobs.history({ after: 0 });
    expect(messages.map(shown)).toEqual([
      'pay nobody',
      'altered: it was changed on the way',
      'forged: it names another sender than the server does',
      'forged: it names another sender than the server does',
    ]);
    const [told] = timelineOf(messages).messages;
    expect(present(told)).toMatchObject({
      ...{ wording: { text: 'pay nobody' }, former: [], isRetracted: false },
    });
  });
});
