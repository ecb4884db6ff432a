import { expect } from 'vitest';
import { systemClock } from '../../../client/sdk/connection/clock.ts';
import {
  type AccountKeys,
  type AccountStorage,
  memoryStorage,
  type Room,
} from '../../../client/sdk/index.ts';
import type { StateStore } from '../../../client/sdk/storage/state-store.ts';
import type { MessageId, UserId } from '../../../src/protocol/ids.ts';
import { EPOCH_LEASE_MS } from '../../../src/protocol/limits.ts';
import { eventually } from '../eventually.ts';
import { present } from '../protocol/arbitraries.ts';
import { copyOf } from '../sdk/copied-storage.ts';
import type { GatewayGroup } from './gateway-group.ts';
import { type DeathAt, MortalDevice } from './mortal-device.ts';
import type { SentText } from './schedule-checks.ts';

export const ROOM = 'Vault';

export interface Person {
  readonly name: string;
  readonly user: UserId;
  devices: MortalDevice[];
  /** Of clients that were closed. */
  sleeping: AccountStorage[];
  /** All that there ever were. */
  readonly storages: Set<AccountStorage>;
  /** Of the storage, as it was once. */
  copy: AccountStorage | undefined;
  isMember: boolean;
}

/** The people of one schedule with their devices; the first of them owns the room. */
export class SchedulePeople {
  readonly all: Person[] = [];
  readonly sent = new Map<MessageId, SentText>();
  /** Of the room's present password. 0: it has none. */
  passwordNumber = 0;
  readonly #group: GatewayGroup;
  readonly #random: () => number;
  /** Passwords that were told to whoever has this state, by their numbers. */
  readonly #passwords = new Map<StateStore, Set<number>>();
  #copies = 0;

  constructor(group: GatewayGroup, random: () => number) {
    this.#group = group;
    this.#random = random;
  }

  get owner(): Person {
    return present(this.all[0]);
  }

  get members(): readonly Person[] {
    return this.all.filter(({ isMember }) => isMember);
  }

  get others(): readonly Person[] {
    return this.members.filter((person) => person !== this.owner);
  }

  get strangers(): readonly Person[] {
    return this.all.filter(({ isMember }) => !isMember);
  }

  get ownersRoom(): Room {
    return present(firstOf(this.owner).room);
  }

  any(): Person {
    return present(this.pickOf(this.all));
  }

  pickOf<T>(of: readonly T[]): T | undefined {
    return of[Math.floor(this.#random() * of.length)];
  }

  async register(account: AccountKeys): Promise<void> {
    const storage = memoryStorage(account);
    const device = await this.#device(storage);
    const { id: user } = await device.client.register();
    const now = { devices: [device], sleeping: [], copy: undefined, isMember: false };
    this.all.push({ name: account.name, user, storages: new Set([storage]), ...now });
  }

  async close(): Promise<void> {
    for (const { devices } of this.all) for (const { client } of devices) await client.close();
  }

  /** Their clients are online, and in the room if they are members. */
  async wake(person: Person): Promise<void> {
    for (const storage of person.sleeping.splice(0)) await this.start(person, storage);
    for (const { client } of person.devices)
      await eventually(() => expect(client.status.state).toBe('online'));
  }

  async sleep({ devices, sleeping }: Person): Promise<void> {
    for (const { client, storage } of devices.splice(0)) {
      await client.close();
      sleeping.push(storage);
    }
  }

  async start(person: Person, storage: AccountStorage): Promise<void> {
    const device = await this.#device(storage);
    person.storages.add(storage);
    person.devices.push(device);
    await device.client.connect();
    if (person.isMember) await this.enter(device);
  }

  async enter(device: MortalDevice): Promise<void> {
    await device.client.ownRooms();
    device.room = await device.client.room(ROOM);
    device.checkedThrough = 0;
    await this.tellPassword(device);
  }

  async send(person: Person): Promise<void> {
    await this.wake(person);
    await this.#sendFrom(present(this.pickOf(person.devices)), person.user);
  }

  /** A process that dies in the middle of an epoch, if its message needs one, and is started again. */
  async crash(person: Person, at: DeathAt): Promise<void> {
    await this.wake(person);
    const device = present(this.pickOf(person.devices));
    const sent = this.#sendFrom(device, person.user).then(() => 'sent' as const);
    if ((await Promise.race([device.life.endsAt(at), sent])) === 'sent') return device.life.spare();
    sent.catch(() => undefined);
    void device.client.close();
    person.devices = person.devices.filter((each) => each !== device);
    // Long enough for others to know that nobody is making an epoch.
    this.#group.passMs(EPOCH_LEASE_MS);
    await this.start(person, this.sameFiles(device.storage));
  }

  /** As somebody who types it, without the time that deriving takes. */
  async tellPassword({ storage: { state }, room }: MortalDevice): Promise<void> {
    const number = this.passwordNumber;
    if (number === 0 || this.knows(state).has(number)) return;
    const key = `${present(room).id}.${number}`;
    const owner = [...this.owner.storages].find((each) => this.knows(each.state).has(number));
    const value = present(await present(owner).state.get('secrets', key));
    await state.update('secrets', key, () => ({ value, result: undefined }));
    this.knows(state).add(number);
  }

  /** The numbers of the passwords that this profile was told. */
  knows(state: StateStore): Set<number> {
    const known = this.#passwords.get(state) ?? new Set<number>();
    this.#passwords.set(state, known);
    return known;
  }

  /** Another device's, or one that is put back later. */
  async copied(storage: AccountStorage): Promise<AccountStorage> {
    this.#copies += 1;
    const copy = await copyOf(storage, `copy ${this.#copies}`);
    this.#passwords.set(copy.state, new Set(this.knows(storage.state)));
    return copy;
  }

  /** As another process has it. */
  sameFiles(storage: AccountStorage): AccountStorage {
    this.#copies += 1;
    return { ...storage, sharing: { ...storage.sharing, holder: `process ${this.#copies}` } };
  }

  async #sendFrom({ room }: MortalDevice, user: UserId): Promise<void> {
    const text = `text${this.sent.size + 1}`;
    await present(room).send(text, { onQueued: (id) => this.sent.set(id, { text, user }) });
  }

  #device(storage: AccountStorage): Promise<MortalDevice> {
    const clock = { ...systemClock, wallTime: () => this.#group.nowMs() };
    return MortalDevice.on(storage, present(this.pickOf(this.#group.urls)), clock);
  }
}

export function firstOf({ devices }: Person): MortalDevice {
  return present(devices[0]);
}
