import { expect, onTestFinished } from 'vitest';
import type { UserId } from '../../src/protocol/ids.ts';
import { parseRoomName, type RoomName } from '../../src/protocol/names.ts';
import type { RequestBody } from '../../src/protocol/requests.ts';
import { KeyedPerson } from '../support/ports/keyed-person.ts';
import { PreparedSends } from '../support/ports/prepared-send.ts';
import { RawClient, type RawReply } from '../support/raw-client.ts';

export interface Member {
  readonly person: KeyedPerson;
  readonly user: UserId;
  readonly token: Uint8Array;
  readonly client: RawClient;
  readonly sends: PreparedSends;
}

export interface SharedRoom {
  readonly ann: Member;
  readonly bob: Member;
  readonly name: RoomName;
  /** As Bob, who joined last, got it. */
  readonly info: { readonly room: RequestBody<'leave'>['room']; readonly version: number };
  readonly members: readonly { readonly user: UserId }[];
}

let names = 0;

function freshName(prefix: string): string {
  names += 1;
  return `${prefix}${names}`;
}

export function anyRoom(text: string = freshName('Room')): RoomName {
  return parseRoomName(text) ?? expect.unreachable();
}

/** Connections of one test to the server at `url`. */
export class ServerScene {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async greeted(): Promise<RawClient> {
    const client = await RawClient.connect(this.#url);
    onTestFinished(() => client[Symbol.asyncDispose]());
    await client.hello();
    return client;
  }

  async login(person: KeyedPerson): Promise<Member> {
    const client = await this.greeted();
    const reply = await client.login(person);
    const { user, token } = reply?.ok ?? expect.unreachable(`login: ${reply?.error}`);
    return { person, user, token, client, sends: new PreparedSends({ user }) };
  }

  /** Registered and logged in. */
  async member(prefix: string): Promise<Member> {
    const person = await KeyedPerson.make(freshName(prefix));
    const client = await this.greeted();
    await client.ask('register', await person.registration(client.greeted));
    return this.login(person);
  }

  async resumed({
    person,
    token,
  }: Pick<Member, 'person' | 'token'>): Promise<RawReply<'resume'> | undefined> {
    const client = await this.greeted();
    return client.resume(person, token);
  }

  /** Ann's room, which Bob joined; both have entered it. */
  async roomOfTwo(settings: Partial<RequestBody<'create'>> = {}) {
    const [ann, bob] = [await this.member('Ann'), await this.member('Bob')];
    const name = anyRoom();
    const { room } = (await ann.client.ask('create', { name, hidden: false, retention: 30, ...settings }))
      .info;
    const { password, suite } = settings;
    const speaks = suite === undefined ? {} : { suite };
    await ann.client.ask('enter', { rooms: [room], ...speaks });
    const proof = password?.proof === undefined ? {} : { proof: password.proof };
    const { info } = await bob.client.ask('join', { name, ...speaks, ...proof });
    await bob.client.ask('enter', { rooms: [room], ...speaks });
    const members = [ann, bob].map(({ user }) => ({ user })).sort((a, b) => (a.user < b.user ? -1 : 1));
    return { ann, bob, room, name, info, members };
  }
}

/** The next message of this member, to the members of the room as it is. */
export function nextMessage(
  { sends }: Member,
  { info: { room, version }, members }: Pick<SharedRoom, 'info' | 'members'>,
  change: Parameters<PreparedSends['prepare']>[1] = {},
): RequestBody<'send'> {
  return sends.prepare({ room, version, members }, change);
}

/** What a request is refused with; undefined: it is not. */
export async function refusal(reply: Promise<{ readonly error: unknown } | undefined>): Promise<unknown> {
  return (await reply)?.error;
}
