import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { Interposed } from '../../test/support/ports/interposed.ts';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import type { ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { roomOnOneNode } from '../../test/support/ports/set-ups.ts';
import { silentTelemetry } from '../../test/support/ports/silent-telemetry.ts';
import { DAY_MS } from '../domain/roster.ts';
import { Background } from '../lib/background.ts';
import type { LogEvent } from '../ports/log-events.ts';
import type { MessageStore } from '../ports/message-store.ts';
import type { RoomId } from '../protocol/ids.ts';
import type { Caller } from './caller.ts';
import { Watermarks } from './room-sequence.ts';
import { RoomUpkeep } from './room-upkeep.ts';

describe('what a change leaves to do with stored copies', () => {
  let world: ServiceWorld;
  let node: ServiceNode;
  let ann: Caller;
  let room: RoomId;
  let sends: PreparedSends;
  beforeEach(async () => {
    ({ world, node, ann, room } = await roomOnOneNode('past', 30));
    sends = new PreparedSends(ann);
    await post(10);
  });

  async function post(count: number): Promise<void> {
    const view = await world.record(room);
    for (let sent = 0; sent < count; sent += 1) accepted(await node.requests.send(ann, sends.prepare(view)));
  }

  const livesInDays = async (): Promise<readonly number[]> =>
    (await world.stored(room)).map(({ at, expiresAt }) => (expiresAt - at) / DAY_MS);
  const jobs = () => world.stores.rooms.jobs(undefined, 9);
  const readable = async (): Promise<number> =>
    accepted(await node.requests.history(ann, { room, after: 0, limit: 50 })).messages.length;
  const update = async (retention: number): Promise<void> => {
    accepted(await node.requests.update(ann, { room, retention }));
  };

  /** Another node's, which nobody told of anything. */
  function upkeepOfAnotherNode(messages: MessageStore = world.messages): RoomUpkeep {
    const telemetry = silentTelemetry();
    const background = new Background<LogEvent>(telemetry, 'background_full');
    const { announcer } = node.core;
    const watermarks = new Watermarks();
    const { rooms, epochs, files, contacts } = world.stores;
    const sequencer = node.sequencer.port;
    return new RoomUpkeep({
      ...{ rooms, messages, epochs, files, contacts, sequencer, announcer },
      ...{ watermarks, background, telemetry, clock: world.clock },
    });
  }

  it('a shorter retention hides at once what is older, before any copy was touched', async () => {
    const held = node.messages.hold('reexpire');
    await update(1);
    expect(await livesInDays()).toEqual(Array(10).fill(30));
    expect(await readable()).toBe(10);
    world.clock.aheadMs = DAY_MS + 60_000;
    expect(await readable()).toBe(0);
    const backwards = await node.requests.history(ann, { room, before: 11, limit: 50 });
    expect(backwards).toMatchObject({ messages: [], more: false });
    // What was over does not come back, whether or not its space is reclaimed.
    await update(2);
    expect(await readable()).toBe(0);
    held.release();
  });

  it('what a room that stores nothing hid does not come back when it stores again', async () => {
    await update(0);
    expect(await readable()).toBe(0);
    await update(30);
    expect(await readable()).toBe(0);
    await eventually(async () => expect(await world.stored(room)).toEqual([]));
  });

  it('stored copies get the new life in the background, and the job ends', async () => {
    await update(90);
    await eventually(async () => expect(await livesInDays()).toEqual(Array(10).fill(90)));
    await eventually(async () => expect(await jobs()).toEqual([]));
  });

  it('of two changes the later one has the last word', async () => {
    await update(90);
    await update(2);
    await eventually(async () => expect(await livesInDays()).toEqual(Array(10).fill(2)));
    await eventually(async () => expect(await jobs()).toEqual([]));
    expect(await livesInDays()).toEqual(Array(10).fill(2));
  });

  /** More than a store gives another life in two steps. */
  const MANY = 250;

  it('what a node that died left undone is taken up by another one, from where it was', async () => {
    await post(MANY - 10);
    await node.core.close();
    await update(5);
    const messages = new Interposed<MessageStore>(world.messages);
    const first = upkeepOfAnotherNode(messages.port);
    await first.sweep();
    expect(await livesInDays()).toEqual(Array(MANY).fill(30));
    // It dies in the middle: the third step is never made.
    messages.hold('reexpire').release();
    messages.hold('reexpire').release();
    messages.lose('reexpire');
    await expect(first.sweep()).rejects.toMatchObject({ name: 'Unavailable' });
    const [job] = await jobs();
    const done = job?.after ?? 0;
    expect(done).toBeGreaterThan(0);
    expect(await livesInDays()).toEqual([...Array(done).fill(5), ...Array(MANY - done).fill(30)]);
    expect(job).toMatchObject({ room, kind: 'retention' });
    const second = upkeepOfAnotherNode();
    await second.sweep();
    await second.sweep();
    expect(await livesInDays()).toEqual(Array(MANY).fill(5));
    expect(await jobs()).toEqual([]);
  });

  it('leaves alone what another node is at', async () => {
    await node.core.close();
    await update(5);
    const [job] = await jobs();
    if (job === undefined) throw new Error('the change left a job');
    const other = upkeepOfAnotherNode();
    for (let after = 1; after < 4; after += 1) {
      await other.sweep();
      await world.stores.rooms.jobDone({ ...job, after });
    }
    expect(await livesInDays()).toEqual(Array(10).fill(30));
  });

  it('a room that is deleted leaves no copy, also when its node died right after the record was gone', async () => {
    await node.core.close();
    await world.stores.rooms.delete(room, (await world.record(room)).version);
    expect(await world.stored(room)).toHaveLength(10);
    const other = upkeepOfAnotherNode();
    await other.sweep();
    expect(world.clocks.read(room)).toMatchObject({ gone: false });
    await other.sweep();
    expect(world.clocks.read(room)).toMatchObject({ gone: true });
    expect(await world.stored(room)).toEqual([]);
    expect(await jobs()).toEqual([]);
  });

  it('a pass that was overtaken by another change stops', async () => {
    await post(MANY - 10);
    await node.core.close();
    await update(5);
    const messages = new Interposed<MessageStore>(world.messages);
    const slow = upkeepOfAnotherNode(messages.port);
    await slow.sweep();
    const held = messages.holdAnswer('reexpire');
    const passing = slow.sweep();
    await held.arrived;
    await update(7);
    held.release();
    await passing;
    const done = (await livesInDays()).lastIndexOf(5) + 1;
    expect(done).toBeGreaterThan(0);
    expect(await livesInDays()).toEqual([...Array(done).fill(5), ...Array(MANY - done).fill(30)]);
    expect(await jobs()).toMatchObject([{ kind: 'retention', after: 0 }]);
  });
});
