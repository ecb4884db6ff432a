import { expect } from 'vitest';
import { type AccountKeys, newAccountKeys } from '../../../client/sdk/index.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { chance } from '../chance.ts';
import { eventually } from '../eventually.ts';
import type { GatewayGroup } from './gateway-group.ts';
import { ScheduleChecks } from './schedule-checks.ts';
import { firstOf, type Person, ROOM, SchedulePeople } from './schedule-people.ts';

const NAMES = ['Ada', 'Bob', 'Carol', 'Dan'];
const PASSWORD = 'a long password';
/** How many schedules are played at the same time, each on gateways of its own: they wait for most of their time. */
const AT_ONCE = 4;

/** How often each step is taken, beside the others. */
const weights = {
  ...{ join: 4, leave: 1, kick: 2, rotate: 1, password: 1, send: 5, race: 3, kickWhileSending: 1, sleep: 2 },
  ...{ intrude: 1, secondProcess: 1, secondDevice: 1, copy: 1, restore: 1, crash: 2 },
  ...{ deafen: 1, hear: 1, cut: 1, emptyRelay: 1 },
} as const;
type StepName = keyof typeof weights;
const stepNames = (Object.keys(weights) as StepName[]).flatMap((name) =>
  Array.from({ length: weights[name] }, () => name),
);

export interface SchedulePlan {
  readonly count: number;
  readonly steps: number;
  /** Gateways of one schedule. */
  startGroup(): Promise<GatewayGroup>;
}

/** Plays schedules with this seed and those that follow it. Ends with the first that fails, and names its seed. */
export async function playEpochSchedules(
  first: number,
  { count, steps, startGroup }: SchedulePlan,
): Promise<void> {
  const accounts = await Promise.all(NAMES.map((name) => newAccountKeys(name)));
  const seeds = Array.from({ length: count }, (_, i) => (first + i) % 2 ** 31);
  const play = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      await using group = await startGroup();
      await playEpochSchedule(seed, steps, group, accounts);
    }
  };
  const players = Array.from({ length: AT_ONCE }, () => play().finally(() => seeds.splice(0)));
  for (const end of await Promise.allSettled(players)) if (end.status === 'rejected') throw end.reason;
}

async function playEpochSchedule(
  seed: number,
  steps: number,
  group: GatewayGroup,
  accounts: readonly AccountKeys[],
): Promise<void> {
  const schedule = new EpochSchedule(seed, group);
  const done: string[] = [];
  try {
    await schedule.begin(accounts);
    for (let i = 0; i < steps; i += 1) await schedule.step((name) => done.push(name));
    await schedule.end();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`TEST_SEED=${seed} fails after ${done.join(', ')}: ${message}`, { cause: error });
  } finally {
    await schedule.close();
  }
}

/**
 * One random life of a room of suite 2, with faults of network, server and members' machines, and what has to hold after each step.
 * The gateways know none of the accounts yet, and serve nobody else.
 */
class EpochSchedule {
  readonly #group: GatewayGroup;
  readonly #random: () => number;
  readonly #people: SchedulePeople;
  #checks: ScheduleChecks | undefined;

  constructor(seed: number, group: GatewayGroup) {
    this.#group = group;
    this.#random = chance(seed);
    this.#people = new SchedulePeople(group, this.#random);
  }

  async begin(accounts: readonly AccountKeys[]): Promise<void> {
    const people = this.#people;
    for (const account of accounts) await people.register(account);
    const { owner } = people;
    const { id } = await firstOf(owner).client.create(ROOM, { suite: 2 });
    owner.isMember = true;
    await people.enter(firstOf(owner));
    this.#checks = new ScheduleChecks(this.#group.stores, id, people.all, people.sent);
  }

  close(): Promise<void> {
    return this.#people.close();
  }

  /** `begins` is told its name first. */
  async step(begins: (name: StepName) => void): Promise<void> {
    const name = this.#people.pickOf(stepNames) ?? 'send';
    begins(name);
    const before = this.#strangers();
    await this.#steps[name]();
    const after = this.#strangers();
    await this.#check(new Set([...before].filter((user) => after.has(user))));
  }

  /** Everybody wakes up and reads. */
  async end(): Promise<void> {
    this.#group.hear();
    for (const person of this.#people.members) await this.#people.wake(person);
    await this.#people.send(this.#people.owner);
    await this.#check(this.#strangers());
    await this.#checks?.lookAgain();
  }

  #strangers(): ReadonlySet<UserId> {
    return new Set(this.#people.strangers.map(({ user }) => user));
  }

  async #check(absent: ReadonlySet<UserId>): Promise<void> {
    await this.#checks?.look(absent);
    for (const { user, devices } of this.#people.members)
      for (const device of devices)
        await eventually(() =>
          this.#checks?.opensEverything(device, user, this.#people.knows(device.storage.state)),
        );
  }

  readonly #steps: Record<StepName, () => Promise<void>> = {
    join: async () => {
      const person = this.#people.pickOf(this.#people.strangers);
      if (person === undefined) return;
      await this.#people.wake(person);
      const { client, storage } = firstOf(person);
      const { passwordNumber } = this.#people;
      await client.join(ROOM, passwordNumber === 0 ? undefined : PASSWORD);
      if (passwordNumber > 0) this.#people.knows(storage.state).add(passwordNumber);
      person.isMember = true;
      for (const each of person.devices) await this.#people.enter(each);
    },
    leave: async () => {
      const person = this.#people.pickOf(this.#people.others);
      if (person === undefined) return;
      await this.#people.wake(person);
      await firstOf(person).client.leave(ROOM);
      person.isMember = false;
    },
    kick: async () => {
      const person = this.#people.pickOf(this.#people.others);
      if (person !== undefined) await this.#kick(person);
    },
    kickWhileSending: async () => {
      const person = this.#people.pickOf(this.#people.others);
      const sender = this.#people.pickOf(this.#people.members);
      if (person === undefined || sender === undefined || sender === person) return;
      await this.#people.wake(sender);
      await Promise.all([this.#kick(person), this.#people.send(sender)]);
    },
    /** Whoever was removed still has the room open, and tries. */
    intrude: async () => {
      const person = this.#people.pickOf(this.#people.strangers);
      for (const { room } of person?.devices ?? [])
        if (room !== undefined) await expect(room.send('an intruder')).rejects.toThrow();
    },
    rotate: async () => {
      // Other processes of the account go on with its former keys until their sessions are ended.
      this.#group.hear();
      const person = this.#people.any();
      await this.#people.wake(person);
      const { client, storage } = firstOf(person);
      const isOfIts = ({ keys }: typeof storage): boolean => keys === storage.keys;
      // Other storages hold keys that are replaced then, and copies know nothing of the new ones.
      for (const device of person.devices) if (!isOfIts(device.storage)) await device.client.close();
      person.devices = person.devices.filter((device) => isOfIts(device.storage));
      person.copy = undefined;
      await client.rotate();
    },
    password: async () => {
      this.#group.hear();
      await this.#people.wake(this.#people.owner);
      await this.#people.ownersRoom.setPassword(PASSWORD);
      this.#people.passwordNumber += 1;
      this.#people.knows(firstOf(this.#people.owner).storage.state).add(this.#people.passwordNumber);
      for (const { devices } of this.#people.members)
        for (const device of devices) await this.#people.tellPassword(device);
    },
    send: async () => {
      await this.#people.send(this.#people.pickOf(this.#people.members) ?? this.#people.owner);
    },
    race: async () => {
      const [one, other] = [1, 2].map(() => this.#people.pickOf(this.#people.members));
      if (one === undefined || other === undefined) return;
      for (const person of [one, other]) await this.#people.wake(person);
      await Promise.all([this.#people.send(one), this.#people.send(other)]);
    },
    sleep: () => this.#people.sleep(this.#people.any()),
    secondProcess: async () => {
      const person = this.#people.any();
      await this.#people.wake(person);
      if (person.devices.length > 1) return;
      await this.#people.start(person, this.#people.sameFiles(firstOf(person).storage));
    },
    secondDevice: async () => {
      const person = this.#people.any();
      await this.#people.wake(person);
      if (person.devices.length > 1) return;
      await this.#people.start(person, await this.#people.copied(firstOf(person).storage));
    },
    copy: async () => {
      const person = this.#people.any();
      const [storage] = [...person.devices.map((device) => device.storage), ...person.sleeping];
      if (storage !== undefined) person.copy = await this.#people.copied(storage);
    },
    restore: async () => {
      const person = this.#people.pickOf(this.#people.all.filter(({ copy }) => copy !== undefined));
      if (person?.copy === undefined) return;
      await this.#people.sleep(person);
      person.sleeping = [person.copy];
      person.copy = undefined;
      await this.#people.wake(person);
    },
    crash: async () => {
      const person = this.#people.pickOf(this.#people.members) ?? this.#people.owner;
      await this.#people.crash(person, this.#random() < 0.5 ? 'before' : 'after');
    },
    deafen: () => this.#group.deafen(),
    hear: async () => this.#group.hear(),
    cut: async () => {
      for (const { devices } of this.#people.all) for (const device of devices) device.life.cut();
    },
    emptyRelay: () => this.#group.emptyRelay(),
  };

  async #kick(person: Person): Promise<void> {
    // Otherwise the owner may not have heard who has joined.
    this.#group.hear();
    await this.#people.wake(this.#people.owner);
    await eventually(() => this.#people.ownersRoom.kick(person.name));
    person.isMember = false;
  }
}
