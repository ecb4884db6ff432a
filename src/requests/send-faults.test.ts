import { describe, expect, it } from 'vitest';
import { accepted, PreparedSends } from '../../test/support/ports/prepared-send.ts';
import { roomNamed, type ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import type { Caller } from '../core/caller.ts';
import type { RoomRecord } from '../domain/roster.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { isRefusal, type Refusal } from '../protocol/error-reply.ts';
import type { RoomId } from '../protocol/ids.ts';
import { parseMessageHeader } from '../protocol/layouts/message-header.ts';
import type { ReplyBody } from '../protocol/requests.ts';

const WRITERS = 5;
const MESSAGES_EACH = 30;
const MOVERS = 4;
const MOVES_EACH = 12;
const FAILURES = 0.04;
const name = roomNamed('faults');

/** Everything that a client would ask again after `unavailable`. */
async function again<T extends object>(ask: () => Promise<T | Refusal>): Promise<T | Refusal> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}

class Trouble {
  readonly acknowledged: ReplyBody<'send'>[] = [];
  readonly #nodes: ServiceNode[] = [];
  room: RoomId | undefined;
  /** Everybody has written and moved: the last trouble may still be on. */
  isWritten = false;
  /** The relay is whole again as well: whoever reads now reads everything. */
  isOver = false;
  readonly world: ServiceWorld;

  constructor(world: ServiceWorld) {
    this.world = world;
  }

  async begin(): Promise<Caller> {
    const owner = await this.world.caller('owner');
    for (let count = 0; count < 2; count += 1) this.#nodes.push(await this.world.node());
    const { requests } = this.#any();
    const created = await requests.create(owner, { name, hidden: false, retention: 30 });
    this.room = accepted(created).info.room;
    for (const { sequencer, rooms, messages, broker } of this.#nodes) {
      sequencer.failAtRandom(['next', 'raise', 'rebuild', 'read', 'remove'], FAILURES);
      rooms.failAtRandom(['byId', 'byName', 'update', 'changes', 'raiseCeiling', 'raiseSettled'], FAILURES);
      messages.failAtRandom(['append', 'find', 'page', 'settle'], FAILURES);
      // Longer than a reader waits before it settles what is missing.
      messages.stallAtRandom('append', FAILURES, 150);
      broker.failAtRandom(['publish'], FAILURES);
    }
    return owner;
  }

  #any(): ServiceNode {
    const node = this.#nodes[Math.floor(Math.random() * this.#nodes.length)];
    if (node === undefined) throw new Error('there are nodes');
    return node;
  }

  async #record(): Promise<RoomRecord> {
    const record = this.room === undefined ? undefined : await this.world.stores.rooms.byId(this.room);
    if (record === undefined) throw new Error('the room is there');
    return record;
  }

  /** One chain: the same bytes again after `unavailable`, prepared anew when the roster moved on. */
  async write(user: Caller): Promise<void> {
    accepted(await this.#joined(user));
    const sends = new PreparedSends(user);
    for (let number = 0; number < MESSAGES_EACH; ) {
      const body = sends.prepare(await this.#record(), { number });
      const outcome = await again(() => {
        // Every try comes from another connection, perhaps to another node.
        const caller = this.world.session(user);
        return this.#any().requests.send(caller, body);
      });
      if (!isRefusal(outcome)) {
        this.acknowledged.push(outcome);
        number += 1;
      } else if (outcome.refused !== 'stale_roster') {
        throw new Error(`refused: ${outcome.refused}`);
      }
    }
  }

  async move(caller: Caller): Promise<void> {
    const { room } = await this.#record();
    for (let move = 0; move < MOVES_EACH; move += 1) {
      accepted(await this.#joined(caller));
      const left = await again(async () => this.#any().requests.leave(caller, { room }));
      if (isRefusal(left) && left.refused === 'rate_limited') move -= 1;
    }
  }

  async #joined(caller: Caller): Promise<object> {
    for (;;) {
      const outcome = await again(() => this.#any().requests.join(caller, { name }));
      if (!isRefusal(outcome) || outcome.refused === 'already_a_member') return {};
      expect(outcome.refused).toBe('rate_limited');
    }
  }

  /** A reader that advances by `through` alone, while everything else goes on. */
  async read(caller: Caller): Promise<readonly number[]> {
    const { room } = await this.#record();
    const seqs: number[] = [];
    for (let after = 0; ; ) {
      const wasOver = this.isOver;
      const limit = 1 + Math.floor(Math.random() * 20);
      const page = accepted(await again(() => this.#any().requests.history(caller, { room, after, limit })));
      expect(page.through).toBeGreaterThanOrEqual(after);
      seqs.push(...page.messages.map(({ seq }) => seq));
      after = page.through;
      if (wasOver && !page.more) return seqs;
    }
  }

  /** Redis loses its data, or a replica that lags behind takes over; nodes hear of it as they do of a reconnect. */
  async disturb(): Promise<void> {
    const { room } = await this.#record();
    for (let round = 0; !this.isWritten; round += 1) {
      const failOver = this.world.clocks.replica(room);
      const marked = this.acknowledged.length;
      while (!this.isWritten && this.acknowledged.length < marked + 12)
        await new Promise((next) => setImmediate(next));
      if (round % 2 === 0) failOver();
      else this.world.clocks.lose();
      await Promise.all(this.#nodes.map(({ core }) => core.views.recover([room])));
    }
  }
}

describe('with ports that fail at random, before and after they took effect', () => {
  it.each([1, 2, 3])('nothing acknowledged is lost, doubled or out of order (run %i)', async () => {
    const world = await ServiceWorld.open();
    const trouble = new Trouble(world);
    const { acknowledged } = trouble;
    const owner = await trouble.begin();
    const people = await Promise.all(
      Array.from({ length: WRITERS + MOVERS }, (_, index) => world.caller(`person${index}`)),
    );
    const [writers, movers] = [people.slice(0, WRITERS), people.slice(WRITERS)];
    const reading = trouble.read(owner);
    const disturbing = trouble.disturb();
    await Promise.all([
      ...writers.map((caller) => trouble.write(caller)),
      ...movers.map((caller) => trouble.move(caller)),
    ]);
    trouble.isWritten = true;
    await disturbing;
    trouble.isOver = true;
    const read = await reading;
    const record = await world.stores.rooms.byId(trouble.room ?? expect.fail('there is a room'));
    const stored = await world.stored(record?.room ?? expect.fail('the room is there'));
    expect(acknowledged).toHaveLength(WRITERS * MESSAGES_EACH);
    for (const { seq, headerHash } of acknowledged) {
      expect(stored.find((message) => message.seq === seq)?.headerHash).toEqual(headerHash);
    }
    expect(new Set(stored.map(({ messageId }) => messageId)).size).toBe(stored.length);
    // Whatever is stored has a copy for the owner, acknowledged or not: the reader got each once, in order.
    expect(read).toEqual(stored.map(({ seq }) => seq));
    for (const { user } of writers) {
      const own = stored
        .filter(({ sender }) => sender === user)
        .map(({ header }) => parseMessageHeader(header));
      const numbers = own.map((parsed) => (parsed.ok ? parsed.header.number : -1));
      expect(numbers).toEqual(Array.from({ length: MESSAGES_EACH }, (_, number) => number));
    }
    for (const { user } of movers) {
      expect(record?.members.some((member) => member.user === user)).toBe(false);
    }
  });
});
