import { describe, expect, test } from 'vitest';
import { parseMessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import type { FakeRoom } from '../../../test/support/sdk/fake-room.ts';
import { lobby, SdkFixture, taken } from '../../../test/support/sdk/sdk-fixture.ts';
import { chainAfter } from '../../crypto/following-chains.ts';

const seenOf = (room: FakeRoom): readonly unknown[] =>
  room.messages.map(({ header }) => {
    const parsed = parseMessageHeader(header);
    return parsed.ok ? parsed.header.seen?.position : expect.unreachable();
  });

describe('the layout of headers', () => {
  test('is 1 until the owner raises it, and then messages say what their senders had opened last', async () => {
    await using fixture = await SdkFixture.start();
    fixture.server.features = ['header-2'];
    const { adas, bobs } = await lobby(fixture);
    const feed = bobs.follow({ after: 'joined' });
    await adas.send('one');
    expect(await taken(feed, 1)).toEqual(['one']);
    const changes = bobs.changes();
    await adas.raiseHeader(2);
    expect((await changes.next()).value).toMatchObject({ type: 'room-changed', header: 2 });
    expect([adas.header, bobs.header]).toEqual([2, 2]);
    await bobs.send('two');
    await adas.send('three');
    expect(await taken(feed, 2)).toEqual(['two', 'three']);
    await bobs.send('four');
    expect(await taken(feed, 1)).toEqual(['four']);
    const room = fixture.server.room('Lobby');
    // Ada never opened anything: she may have seen it, but her client does not know.
    expect(seenOf(room)).toEqual([undefined, 1, 0, 3]);
    const page = await adas.history({ after: 0 });
    expect(page.messages.map((message) => message.type === 'message' && message.marks)).toEqual([
      ...[undefined, undefined],
      ...[undefined, undefined],
    ]);
  });

  test('is 2 from the first message on where a room was made so', async () => {
    await using fixture = await SdkFixture.start();
    fixture.server.features = ['header-2'];
    const ada = await fixture.user('Ada');
    await ada.create('Harbour', { header: 2 });
    const room = await ada.room('Harbour');
    await room.send('first');
    expect([room.header, seenOf(fixture.server.room('Harbour'))]).toEqual([2, [0]]);
  });

  test('is not raised, and no room is made with another, on a gateway that does not offer it: nothing is sent', async () => {
    await using fixture = await SdkFixture.start();
    for (const features of [undefined, [], ['something-else']]) {
      fixture.server.features = features;
      fixture.server.cut();
      const { ada, adas, name } = await roomOf(fixture, `Lobby${features?.join('').length}`);
      await expect(adas.raiseHeader(2)).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('too old for rooms in which messages record'),
      });
      await expect(ada.create('Harbour', { header: 2 })).rejects.toMatchObject({ code: 'unsupported' });
      // What every gateway does by itself is not asked for.
      await ada.create(`${name}1`, { header: 1 });
    }
    expect(fixture.server.count('update')).toBe(0);
    expect(fixture.server.requests.filter((request) => 'header' in request.body)).toEqual([]);
  });

  test('of a message is one that the gateway of the present connection offers, or it is not sent', async () => {
    await using fixture = await SdkFixture.start();
    const { server } = fixture;
    server.features = ['header-2'];
    const { adas } = await roomOf(fixture, 'Lobby');
    await adas.raiseHeader(2);
    await adas.send('with it');
    // The next dial leads to an older gateway behind the same address, which has stored the message whose answer is lost.
    server.intercept = ({ name }) => {
      if (name !== 'send') return undefined;
      server.features = undefined;
      return 'work-then-cut';
    };
    await expect(adas.send('cut off')).rejects.toMatchObject({ code: 'unsupported' });
    expect(server.count('send')).toBe(2);
    server.intercept = () => undefined;
    server.features = ['header-2'];
    server.cut();
    await adas.send('with it again');
    const chains = server.room('Lobby').messages.map(({ header }) => {
      const parsed = parseMessageHeader(header);
      return parsed.ok ? ([parsed.header.chain, parsed.header.number] as const) : expect.unreachable();
    });
    const [[first] = []] = chains;
    // The number of the message that was given up may be taken: what follows has it in the next chain.
    expect(chains).toEqual([
      [first, 0],
      [first, 1],
      [chainAfter(first ?? expect.unreachable()), 1],
    ]);
  });

  test('stays where it was raised to while the room is open, whatever a gateway says later', async () => {
    await using fixture = await SdkFixture.start();
    const { server } = fixture;
    server.features = ['header-2'];
    const { ada, adas } = await roomOf(fixture, 'Lobby');
    await adas.raiseHeader(2);
    const room = server.room('Lobby');
    // As gateways of the release before do, which know nothing of it.
    room.raise(1);
    server.emit(room.id, 'room', { ...room.settings(), retention: 7 });
    await expect.poll(() => adas.retention).toBe(7);
    expect(adas.header).toBe(2);
    server.features = undefined;
    const dials = server.dials;
    server.cut();
    await expect.poll(() => [server.dials > dials, ada.status.state]).toEqual([true, 'online']);
    await expect(adas.send('as before?')).rejects.toMatchObject({ code: 'unsupported' });
    expect([adas.header, server.count('send')]).toEqual([2, 0]);
  });

  test('that is newer than this client is not written in', async () => {
    await using fixture = await SdkFixture.start();
    const { adas } = await roomOf(fixture, 'Lobby');
    const room = fixture.server.room('Lobby');
    room.raise(3);
    fixture.server.emit(room.id, 'room', room.settings());
    await expect.poll(() => adas.header).toBe(3);
    await expect(adas.send('hello')).rejects.toMatchObject({ code: 'unsupported' });
    expect(fixture.server.count('send')).toBe(0);
  });
});

async function roomOf(fixture: SdkFixture, name: string) {
  const ada = await fixture.user(`Ada${name}`);
  await ada.create(name);
  return { ada, adas: await ada.room(name), name };
}
