import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timelineOf } from '../../client/sdk/index.ts';
import type { StoredMessage } from '../../src/protocol/requests.ts';
import { eventually } from '../support/eventually.ts';
import { shown, Theatre } from '../support/hostile/theatre.ts';
import { changed, present } from './people.ts';

let theatre: Theatre;

beforeAll(async () => {
  theatre = await Theatre.open();
});

afterAll(() => theatre[Symbol.asyncDispose]());

describe('what is done to a message', () => {
  it('is no removal where the roster of that time says that its sender was a plain member, whatever the sender is now', async () => {
    const owner = await theatre.actor(theatre.name('Owner'));
    const modName = theatre.name('Mod');
    const mod = await theatre.actor(modName, { honestly: true });
    const reader = await theatre.actor(theatre.name('Reader'), { honestly: true });
    const name = theatre.name('Ruled');
    await owner.client.create(name);
    await mod.client.join(name);
    const [owners, mods] = [await owner.client.room(name), await mod.client.room(name)];
    const { id } = await owners.send('one');
    const { id: other } = await owners.send('two');
    await expect(mods.remove(id)).rejects.toMatchObject({ code: 'forbidden' });
    await owners.grant(modName);
    await eventually(() => expect(mods.role).toBe('moderator'));
    await mods.remove(id, 'spam');
    await owners.revoke(modName);
    await eventually(() => expect(mods.role).toBe('member'));
    // Their client refuses it; another one would not.
    Object.defineProperty(mods, 'role', { value: 'moderator' });
    await mods.remove(other, 'revenge');
    await reader.client.join(name);

    const { messages } = await owners.history({ after: 0 });
    const told = timelineOf(messages);
    expect(told.messages.map(({ wording, removal }) => [wording.text, removal?.why])).toEqual([
      ['one', 'spam'],
      ['two', undefined],
    ]);
    expect(told.refused).toMatchObject([{ fault: 'no_moderator', action: { role: 'member', of: other } }]);
    // Whoever was away while the roles changed reads the same.
    const again = await theatre.restart(owner);
    const read = await (await again.client.room(name)).history({ after: 0 });
    expect(timelineOf(read.messages).refused).toMatchObject([{ fault: 'no_moderator' }]);
    expect(timelineOf(read.messages).messages[0]?.removal).toMatchObject({ role: 'moderator', why: 'spam' });
  });

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
