import { describe, expect, test, vi } from 'vitest';
import { messageOf, roomIdOf, sampleFile, userIdOf } from '../../../test/support/chat/sample-model.ts';
import { LiveFixture, lobby } from '../../../test/support/sdk/live-fixture.ts';
import { ManualClock } from '../../../test/support/sdk/manual-clock.ts';
import { MemoryMessageCache, type MessageCache, timelineOf } from '../index.ts';
import { OpenedMessages } from './opened-messages.ts';

/** Everything that a cache holds, as text. */
async function heldIn(cache: MessageCache): Promise<string> {
  const held: string[] = [];
  for await (const { value } of cache.newest(undefined, Date.now())) held.push(Buffer.from(value).toString());
  return held.join();
}

describe('a message that its sender took back', () => {
  test('leaves no text in what is kept, whether it was read before or is read again', async () => {
    await using fixture = await LiveFixture.start();
    const cache = new MemoryMessageCache();
    const { adas, bob, bobs } = await lobby(fixture, { cache });
    const { id } = await adas.send('the key is 4711');
    await adas.edit(id, 'sorry, the key is 4712');
    await adas.send('hello');
    await bobs.history({ after: 0 });
    await bob.search('hello');
    for (const key of ['4711', '4712']) expect(await heldIn(cache)).toContain(key);
    const { id: retraction } = await adas.retract(id);
    await adas.retract(retraction);
    await bobs.history({ after: 3 });
    await bob.search('hello');
    expect(await heldIn(cache)).not.toContain('471');
    const { messages } = await bobs.history({ after: 0 });
    await bob.search('hello');
    expect(await heldIn(cache)).not.toContain('471');
    expect(await heldIn(cache)).toContain('hello');
    expect(messages.map(({ type }) => type)).toEqual(['message', 'edit', 'message', 'retract', 'retract']);
    expect(timelineOf(messages).messages.map(({ isRetracted }) => isRetracted)).toEqual([true, false]);
  });

  test('costs one look at what is kept, however many are taken back meanwhile', async () => {
    const cache = new MemoryMessageCache();
    const looks = vi.spyOn(cache, 'newest');
    const opened = new OpenedMessages(cache, new ManualClock());
    for (let seq = 1; seq <= 1_000; seq += 1)
      opened.retracted(roomIdOf(1), [{ user: userIdOf(1), of: messageOf(seq, '').id }]);
    expect(looks).not.toHaveBeenCalled();
    await opened.flush();
    await opened.flush();
    expect(looks).toHaveBeenCalledTimes(1);
  });

  test('is kept as it was when somebody else claims to take it back', async () => {
    await using fixture = await LiveFixture.start();
    const cache = new MemoryMessageCache();
    const { adas, bob, bobs } = await lobby(fixture, { cache });
    const eve = await fixture.user('Eve');
    await eve.join('Lobby');
    const { id } = await adas.send('the key is 4711');
    await (await eve.room('Lobby')).retract(id);
    await bobs.history({ after: 0 });
    expect(await bob.search('4711')).toMatchObject([{ text: 'the key is 4711' }]);
    expect(await heldIn(cache)).toContain('4711');
  });

  test('is taken back even if its files cannot be removed from the server, which is said then', async () => {
    await using fixture = await LiveFixture.start();
    fixture.server.offer([]);
    const { adas } = await lobby(fixture);
    const { id } = await adas.send('look');
    const sender = (await adas.members())[0]?.id ?? expect.unreachable();
    await expect(
      adas.retract(id, { carried: { sender, files: [sampleFile('plan.pdf')] } }),
    ).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^that is done, but the files of the message are still on the server: /),
    });
    const { messages } = await adas.history({ after: 0 });
    expect(timelineOf(messages).messages).toMatchObject([{ isRetracted: true }]);
  });
});
