import { describe, expect, test } from 'vitest';
import type { RoomId } from '../../../src/protocol/ids.ts';
import type { HostileServer } from '../../../test/support/hostile/hostile-server.ts';
import {
  type Account,
  LiveFixture,
  lobby,
  nextChange,
  taken,
} from '../../../test/support/sdk/live-fixture.ts';
import { chainAfter } from '../../crypto/following-chains.ts';

const seenOf = async (fixture: LiveFixture, room: RoomId, member: Account): Promise<readonly unknown[]> =>
  (await fixture.headers(room, member)).map(({ seen }) => seen?.position);

describe('the layout of headers', () => {
  test('is 1 until the owner raises it, and then messages say what their senders had opened last', async () => {
    await using fixture = await LiveFixture.start();
    fixture.server.offer(['header-2']);
    const { ada, adas, bobs } = await lobby(fixture);
    const feed = bobs.follow({ after: 'joined' });
    await adas.send('one');
    expect(await taken(feed, 1)).toEqual(['one']);
    const changes = bobs.changes();
    await adas.raiseHeader(2);
    expect(await nextChange(changes)).toMatchObject({ type: 'room-changed', header: 2 });
    expect([adas.header, bobs.header]).toEqual([2, 2]);
    await bobs.send('two');
    await adas.send('three');
    expect(await taken(feed, 2)).toEqual(['two', 'three']);
    await bobs.send('four');
    expect(await taken(feed, 1)).toEqual(['four']);
    // Ada never opened anything: she may have seen it, but her client does not know.
    expect(await seenOf(fixture, adas.id, ada)).toEqual([undefined, 1, 0, 3]);
    const page = await adas.history({ after: 0 });
    expect(page.messages.map((message) => message.type === 'message' && message.marks)).toEqual([
      ...[undefined, undefined],
      ...[undefined, undefined],
    ]);
  });

  test('is 2 from the first message on where a room was made so', async () => {
    await using fixture = await LiveFixture.start();
    fixture.server.offer(['header-2']);
    const ada = await fixture.user('Ada');
    await ada.create('Harbour', { header: 2 });
    const room = await ada.room('Harbour');
    await room.send('first');
    expect([room.header, await seenOf(fixture, room.id, ada)]).toEqual([2, [0]]);
  });

  test('is not raised, and no room is made with another, on a gateway that does not offer it: nothing is sent', async () => {
    await using fixture = await LiveFixture.start();
    for (const features of [undefined, [], ['something-else']]) {
      fixture.server.offer(features);
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
    expect(fixture.server.asked.filter((request) => 'header' in request.body)).toEqual([]);
  });

  test('of a message is one that the gateway of the present connection offers, or it is not sent', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    server.offer(['header-2']);
    const { ada, adas } = await roomOf(fixture, 'Lobby');
    await adas.raiseHeader(2);
    await adas.send('with it');
    // The next dial leads to an older gateway behind the same address, which has stored the message whose answer is lost.
    server.intercept = ({ name }) => {
      if (name !== 'send') return undefined;
      server.offer(undefined);
      return 'work-then-cut';
    };
    await expect(adas.send('cut off')).rejects.toMatchObject({ code: 'unsupported' });
    expect(server.count('send')).toBe(2);
    server.intercept = () => undefined;
    server.offer(['header-2']);
    server.cut();
    await adas.send('with it again');
    const stored = await fixture.headers(adas.id, ada);
    const chains = stored.map(({ chain, number }) => [chain, number] as const);
    const [[first] = []] = chains;
    // The number of the message that was given up may be taken: what follows has it in the next chain.
    expect(chains).toEqual([
      [first, 0],
      [first, 1],
      [chainAfter(first ?? expect.unreachable()), 1],
    ]);
  });

  test('stays where it was raised to while the room is open, whatever a gateway says later', async () => {
    await using fixture = await LiveFixture.start();
    const { server } = fixture;
    server.offer(['header-2']);
    const { ada, adas } = await roomOf(fixture, 'Lobby');
    await adas.raiseHeader(2);
    // As gateways of the release before do, which know nothing of it.
    showLayout(server, undefined);
    await adas.setRetention(7);
    await expect.poll(() => adas.retention).toBe(7);
    expect(adas.header).toBe(2);
    server.offer(undefined);
    const dials = server.dials;
    server.cut();
    await expect.poll(() => [server.dials > dials, ada.status.state]).toEqual([true, 'online']);
    await expect(adas.send('as before?')).rejects.toMatchObject({ code: 'unsupported' });
    expect([adas.header, server.count('send')]).toEqual([2, 0]);
  });

  test('that is newer than this client is not written in', async () => {
    await using fixture = await LiveFixture.start();
    const { adas } = await roomOf(fixture, 'Lobby');
    showLayout(fixture.server, 3);
    await adas.setHidden(true);
    await expect.poll(() => adas.header).toBe(3);
    await expect(adas.send('hello')).rejects.toMatchObject({ code: 'unsupported' });
    expect(fixture.server.count('send')).toBe(0);
  });
});

/** The server says that rooms are of this layout; undefined: it says nothing of it. */
function showLayout(server: HostileServer, header: number | undefined): void {
  const shown = <Settings extends { readonly header?: number }>({ header: _, ...settings }: Settings) => ({
    ...settings,
    ...(header !== undefined && { header }),
  });
  server.claim(shown);
  server.onEvent = (event) => (event.name === 'room' ? [{ ...event, body: shown(event.body) }] : [event]);
}

async function roomOf(fixture: LiveFixture, name: string) {
  const ada = await fixture.user(`Ada${name}`);
  await ada.create(name);
  return { ada, adas: await ada.room(name), name };
}
