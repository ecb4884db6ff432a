import { beforeEach } from 'vitest';
import type { RoomRecord } from '../../../src/domain/roster.ts';
import type { Refusal } from '../../../src/protocol/error-reply.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import { EpochMaker, type PreparedEpoch, under, withoutWraps } from './epoch-maker.ts';
import { KeyedPerson } from './keyed-person.ts';
import { accepted, PreparedSends } from './prepared-send.ts';
import { roomNamed, type ServiceNode, type ServiceWorld } from './service-world.ts';
import { twoNodes } from './set-ups.ts';

/** A room of suite 2 on two nodes. Ann made it through node a, and Bob joined through node b. */
export class EpochRoom {
  readonly name: RoomName = roomNamed('epochs');
  readonly world: ServiceWorld;
  readonly a: ServiceNode;
  readonly b: ServiceNode;
  readonly ann: EpochMaker;
  readonly bob: EpochMaker;
  readonly room: RoomId;

  private constructor(parts: Omit<EpochRoom, 'name' | 'record' | 'make' | 'send' | 'all' | 'join'>) {
    ({ world: this.world, a: this.a, b: this.b } = parts);
    ({ ann: this.ann, bob: this.bob, room: this.room } = parts);
  }

  static async open(people: readonly [KeyedPerson, KeyedPerson]): Promise<EpochRoom> {
    const { world, a, b } = await twoNodes(people);
    const [ann, bob] = [
      await EpochMaker.login(a, people[0], 'anns'),
      await EpochMaker.login(b, people[1], 'bobs'),
    ];
    const name = roomNamed('epochs');
    const made = await a.requests.create(ann.caller, { name, hidden: false, retention: 30, suite: 2 });
    const { room } = accepted(made).info;
    const scene = new EpochRoom({ world, a, b, ann, bob, room });
    await scene.join(bob.caller);
    return scene;
  }

  async join(caller: EpochMaker['caller']): Promise<void> {
    accepted(await this.b.requests.join(caller, { name: this.name, suite: 2 }));
  }

  record(): Promise<RoomRecord> {
    return this.world.record(this.room);
  }

  /** By Ann, for the members of now. */
  async make(
    before?: PreparedEpoch,
    change: Parameters<EpochMaker['prepare']>[2] = {},
  ): Promise<PreparedEpoch> {
    const epoch = await this.ann.prepare(await this.record(), before, change);
    accepted(await this.ann.commit(this.a, epoch));
    return epoch;
  }

  async send(
    node: ServiceNode,
    maker: EpochMaker,
    epoch: PreparedEpoch,
  ): Promise<ReplyBody<'send'> | Refusal> {
    const body = new PreparedSends(maker.caller).prepare(await this.record(), under(epoch));
    return node.requests.send(maker.caller, withoutWraps(body, epoch));
  }

  async all(node: ServiceNode, maker: EpochMaker): Promise<ReplyBody<'epochs'>['epochs']> {
    return accepted(await node.requests.epochs(maker.caller, { room: this.room, after: 0, limit: 100 }))
      .epochs;
  }
}

/** One for each test of a file, whose people keep their keys. */
export async function epochRooms(): Promise<{ readonly scene: () => EpochRoom }> {
  const people = await Promise.all([KeyedPerson.make('ann'), KeyedPerson.make('bob')]);
  let scene: EpochRoom | undefined;
  beforeEach(async () => {
    scene = await EpochRoom.open(people);
  });
  return {
    scene: () => {
      if (scene === undefined) throw new Error('no test runs');
      return scene;
    },
  };
}
