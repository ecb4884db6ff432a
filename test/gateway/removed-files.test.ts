import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CarriedFiles,
  carriedFiles,
  type Fetch,
  type Room,
  timelineOf,
} from '../../client/sdk/index.ts';
import type { MessageId } from '../../src/protocol/ids.ts';
import { FILE_CHUNK_BYTES } from '../../src/protocol/limits.ts';
import { eventually } from '../support/eventually.ts';
import { downloaded, expectSame, isPut, random, Sharers, sourceOf, throughHttp } from './sharers.ts';

let sharers: Sharers;
beforeAll(async () => {
  sharers = await Sharers.start();
});
afterAll(() => sharers[Symbol.asyncDispose]());

/** What a client finds that looks for the message. */
function carried(room: Room, id: MessageId): Promise<CarriedFiles> {
  // What somebody else sent has a way to go.
  return eventually(async () => {
    const { messages } = timelineOf((await room.history({ before: room.head + 1 })).messages);
    return carriedFiles(messages.find(({ message }) => message.id === id) ?? expect.unreachable());
  });
}

/** Somebody whose first chunk number 2 waits; `slow` resolves when it does. */
async function slowOwner() {
  let [isSlow, letThrough] = [(): void => undefined, (): void => undefined];
  const slow = new Promise<void>((resolve) => {
    isSlow = resolve;
  });
  const through = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  let isFirst = true;
  const fetch: Fetch = async (url, init) => {
    if (isFirst && isPut(init) && `${url}`.endsWith('/2')) {
      isFirst = false;
      isSlow();
      await through;
    }
    return throughHttp(url, init);
  };
  return { slow, owner: await sharers.owner(fetch), letThrough: () => letThrough() };
}

describe('a file in a room', () => {
  it('is gone once its message is taken back, also if an edit had replaced it before', async () => {
    const { room } = await sharers.anyOwner();
    const [first, second] = [
      await room.upload(sourceOf(random(1_000))),
      await room.upload(sourceOf(random(9))),
    ];
    const { id } = await room.send('here', { files: [first] });
    await room.edit(id, 'here', { files: [second] });
    await room.retract(id, { carried: await carried(room, id) });
    for (const file of [first, second]) {
      await expect(downloaded(room, file)).rejects.toMatchObject({ code: 'no_such_file' });
      await room.discard(file);
    }
  });

  it('is gone once a moderator removed its message, and stays where the message only names it', async () => {
    const { room } = await sharers.owner(throughHttp);
    const [bobs, carols] = [await sharers.member(room), await sharers.member(room)];
    const [bobFile, carolFile] = [
      await bobs.upload(sourceOf(random(1_000))),
      await carols.upload(sourceOf(random(1_000))),
    ];
    await carols.send('mine', { files: [carolFile] });
    // In the hope that a moderator removes what somebody else sent.
    const { id } = await bobs.send('and mine', { files: [bobFile, carolFile] });
    await room.remove(id, 'spam', { carried: await carried(room, id) });
    await expect(downloaded(room, bobFile)).rejects.toMatchObject({ code: 'no_such_file' });
    expect((await downloaded(room, carolFile)).length).toBe(1_000);
    // Nor in the message of a moderator, who takes it back.
    const { id: own } = await room.send('look', { files: [carolFile] });
    await room.retract(own, { carried: await carried(room, own) });
    expect((await downloaded(room, carolFile)).length).toBe(1_000);
  });

  it('that is sent twice at the same time is two files, of which one can go', async () => {
    const { slow, owner, letThrough } = await slowOwner();
    const bytes = random(3 * FILE_CHUNK_BYTES);
    const began = owner.room.upload(sourceOf(bytes));
    await slow;
    const other = await owner.room.upload(sourceOf(bytes));
    letThrough();
    await owner.room.discard(await began);
    expectSame(await downloaded(owner.room, other), bytes);
  });

  it('that two processes send at the same time is there for both', async () => {
    const { slow, owner, letThrough } = await slowOwner();
    const bytes = random(3 * FILE_CHUNK_BYTES);
    const began = owner.room.upload(sourceOf(bytes));
    await slow;
    const second = await sharers.again(owner);
    const other = await second.upload(sourceOf(bytes));
    letThrough();
    for (const file of [await began, other]) expectSame(await downloaded(second, file), bytes);
  });
});
