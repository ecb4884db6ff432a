import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proveRegistration, signAct } from '../../client/crypto/connection-proofs.ts';
import { signIdentity } from '../../client/crypto/identity.ts';
import type { IdentityKeys } from '../../client/crypto/identity-keys.ts';
import { signRoomLife } from '../../client/crypto/room-life.ts';
import { errorNameOf } from '../../src/protocol/codes.ts';
import type { FileId, RoomId } from '../../src/protocol/ids.ts';
import { encodeInvitation, joinInvitation } from '../../src/protocol/layouts/invitation.ts';
import { parseRoomName, parseUserName, type RoomName } from '../../src/protocol/names.ts';
import { type RequestBody, type RequestName, requestNames } from '../../src/protocol/requests.ts';
import { newKeys } from '../support/new-keys.ts';
import { type RawClient, rawMessage, type TestAccount } from '../support/raw-client.ts';
import { uploadRaw } from '../support/raw-file.ts';
import { authorisation, type Outcome, type Standing, standings } from './authorisation-table.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

/** A room with an owner, a moderator, a plain member, another one, and somebody who is banned; and who asks. */
interface Scene {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly version: number;
  readonly members: number;
  readonly client: RawClient;
  readonly account: TestAccount;
  readonly target: TestAccount;
  /** A finished one that `target` uploaded to the room. */
  readonly uploaded: () => Promise<FileId>;
}

const password = { salt: new Uint8Array(32), proof: new Uint8Array(32) };

const bodies: {
  readonly [Name in RequestName]: (scene: Scene) => RequestBody<Name> | Promise<RequestBody<Name>>;
} = {
  hello: ({ client }) => ({ client: 'raw', nonce: new Uint8Array(32), origin: client.origin }),
  register: async ({ client, account: { keys } }) => {
    const username = parseUserName(`newcomer${fresh()}`);
    if (username === undefined) throw new Error('no user name');
    const identity = await signIdentity(keys, { username, createdAt: Date.now() });
    return { identity, proof: await proveRegistration(keys, client.greeted, identity.document) };
  },
  login: ({ account }) => ({ username: account.name }),
  answer: () => ({ mac: new Uint8Array(32) }),
  resume: () => ({ token: new Uint8Array(64), signature: new Uint8Array(64) }),
  typing: ({ room }) => ({ room }),
  ping: () => ({}),
  mine: () => ({}),
  lookup: ({ name }) => ({ name }),
  rooms: () => ({}),
  identity: ({ target }) => ({ user: target.user }),
  create: () => ({ name: freshRoom(), hidden: false, retention: 1 }),
  logout: async ({ client, account }) => ({
    signature: await signAct(account.keys, 'logout', client.greeted),
  }),
  rotate: async ({ account: { keys, name } }) => ({
    identity: await signIdentity(keys, { username: name, createdAt: Date.now() }),
    signature: new Uint8Array(64),
  }),
  'close-account': () => ({ signature: new Uint8Array(64) }),
  prekey: () => ({ prekeys: [] }),
  'put-backup': () => ({ upload: new Uint8Array(16), part: 0, data: new Uint8Array(1) }),
  backup: () => ({}),
  'delete-backup': () => ({}),
  direct: ({ target }) => ({ user: target.user }),
  invite: ({ room, name, account, target }) => {
    const invitation = { from: account.user, to: target.user, room, name, at: 1 };
    const signature = new Uint8Array(64);
    const letter = joinInvitation({ document: encodeInvitation(invitation), signature });
    return { room, user: target.user, letter };
  },
  invitations: () => ({}),
  dismiss: ({ room }) => ({ room }),
  block: ({ target }) => ({ user: target.user }),
  unblock: ({ target }) => ({ user: target.user }),
  blocks: () => ({}),
  state: () => ({}),
  'put-state': () => ({ version: 1, before: 0, sequence: 9, data: new Uint8Array(1) }),
  'fetch-backup': ({ account }) => ({ name: account.name, token: new Uint8Array(32), part: 0 }),
  link: () => ({ channel: new Uint8Array(16), want: 0 }),
  join: ({ name }) => ({ name }),
  leave: ({ room }) => ({ room }),
  enter: ({ room }) => ({ rooms: [room] }),
  members: ({ room }) => ({ room }),
  prekeys: ({ room }) => ({ room }),
  wraps: ({ room }) => ({ room, bodyHash: new Uint8Array(32), part: 0, bytes: new Uint8Array(1) }),
  epoch: ({ room }) => ({ room, record: new Uint8Array(1) }),
  epochs: ({ room }) => ({ room, after: 0, limit: 1 }),
  send: ({ room, version, members, account }) => rawMessage({ room, version, account, members }),
  history: ({ room }) => ({ room, after: 0, limit: 1 }),
  rename: ({ room }) => ({ room, name: freshRoom() }),
  update: async ({ room, account: { keys, user } }) => ({
    ...{ room, retention: 3, hidden: true, password },
    life: await signRoomLife(keys, { room, user, number: 1, seconds: 60 }),
  }),
  delete: ({ room }) => ({ room }),
  grant: ({ room, target }) => ({ room, user: target.user, role: 'moderator' }),
  revoke: ({ room, target }) => ({ room, user: target.user }),
  kick: ({ room, target }) => ({ room, user: target.user }),
  ban: ({ room, target }) => ({ room, user: target.user }),
  unban: ({ room, target }) => ({ room, user: target.user }),
  bans: ({ room }) => ({ room }),
  upload: ({ room }) => ({ room, bytes: 1_000 }),
  'continue-upload': async ({ uploaded }) => ({ file: await uploaded() }),
  finish: async ({ uploaded }) => ({ file: await uploaded() }),
  download: async ({ room, uploaded }) => ({ room, file: await uploaded() }),
  discard: async ({ room, uploaded, target }) => ({ room, file: await uploaded(), uploader: target.user }),
};

let gateway: LiveGateway;
let keys: IdentityKeys;
let count = 0;

function fresh(): number {
  count += 1;
  return count;
}

function freshRoom(): RoomName {
  const name = parseRoomName(`room${fresh()}`);
  if (name === undefined) throw new Error('no room name');
  return name;
}

interface Person {
  readonly client: RawClient;
  readonly account: TestAccount;
}

async function person(): Promise<Person> {
  const client = await gateway.greeted();
  const account = await client.register(`person${fresh()}`, keys);
  await session(client, account);
  return { client, account };
}

async function session(client: RawClient, account: TestAccount): Promise<void> {
  if ((await client.login(account))?.ok === undefined) throw new Error('the login failed');
}

type Cast = Readonly<Record<Exclude<Standing, 'anonymous'> | 'target', Person>>;

async function makeCast(): Promise<Cast> {
  const [none, banned, member, moderator, owner, target] = [
    await person(),
    await person(),
    await person(),
    await person(),
    await person(),
    await person(),
  ];
  return { none, banned, member, moderator, owner, target };
}

async function makeRoom({ owner, moderator, member, target, banned }: Cast) {
  const name = freshRoom();
  const { room } = (await owner.client.ask('create', { name, hidden: false, retention: 1 })).info;
  for (const { client } of [moderator, member, target]) await client.ask('join', { name });
  await owner.client.ask('grant', { room, user: moderator.account.user, role: 'moderator' });
  await owner.client.ask('ban', { room, user: banned.account.user });
  const uploaded = async () => (await uploadRaw(target.client, gateway.url, room, 1_000)).file;
  return { room, name, version: 6, members: 4, target: target.account, uploaded };
}

/** Makes a room again only after somebody's request about it succeeded: what was refused has changed nothing. */
class RoomOf {
  readonly #cast: Cast;
  #made: Awaited<ReturnType<typeof makeRoom>> | undefined;

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  async ask(name: RequestName, person: Person): Promise<Outcome> {
    this.#made ??= await makeRoom(this.#cast);
    const scene = { ...this.#made, ...person };
    const body = await bodies[name](scene);
    const outcome = await ask(name, scene, body);
    if (outcome === 'ok' && ('room' in body || 'rooms' in body || 'name' in body)) this.#made = undefined;
    return outcome;
  }
}

/** What the request was answered with; `enter` answers for each room by itself. */
async function ask<Name extends RequestName>(
  name: Name,
  scene: Scene,
  body: RequestBody<Name>,
): Promise<Outcome> {
  const reply = await scene.client.request(name, body);
  if (reply === undefined) throw new Error('the connection ended');
  if (reply.error !== undefined) return reply.error;
  if (reply.ok !== undefined && 'rooms' in reply.ok) {
    const [first] = reply.ok.rooms;
    const error = first !== undefined && 'error' in first ? first.error : undefined;
    return error === undefined ? 'ok' : (errorNameOf(error) ?? 'unavailable');
  }
  return 'ok';
}

/** Sessions of their own, where the one that asks ends by it, or is none. */
async function askerFor(name: RequestName, standing: Standing, cast: Cast): Promise<Person> {
  if (standing !== 'anonymous' && name !== 'logout') return cast[standing];
  const { account } = cast[standing === 'anonymous' ? 'none' : standing];
  const client = await gateway.greeted();
  if (standing !== 'anonymous') await session(client, account);
  return { client, account };
}

describe('the authorisation matrix', () => {
  let cast: Cast;
  let others: Cast;
  beforeAll(async () => {
    gateway = await startLiveGateway({
      MAX_ROOMS_PER_USER: '5000',
      MAX_UPLOADS_PER_USER: '1000',
    });
    keys = await newKeys();
    [cast, others] = [await makeCast(), await makeCast()];
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  it.each(requestNames)('%s is answered as the role allows, in the own room and in another', async (name) => {
    const found: Record<string, readonly [Outcome, Outcome]> = {};
    const [own, elsewhere] = [new RoomOf(cast), new RoomOf(others)];
    for (const standing of standings)
      found[standing] = [
        await own.ask(name, await askerFor(name, standing, cast)),
        await elsewhere.ask(name, await askerFor(name, standing, cast)),
      ];
    expect(found).toEqual(authorisation[name]);
  });

  it('a refusal changes nothing', async () => {
    const made = await makeRoom(cast);
    for (const standing of ['none', 'banned', 'member'] as const) {
      const scene = { ...made, ...cast[standing] };
      for (const name of ['rename', 'update', 'delete', 'grant', 'revoke', 'kick', 'ban', 'unban'] as const)
        expect(await ask(name, scene, await bodies[name](scene))).not.toBe('ok');
    }
    const { members, version } = await cast.owner.client.ask('members', { room: made.room });
    expect(version).toBe(made.version);
    expect(members.map(({ role }) => role).sort()).toEqual(['member', 'member', 'moderator', 'owner']);
    const { users } = await cast.owner.client.ask('bans', { room: made.room });
    expect(users.map(({ user }) => user)).toEqual([cast.banned.account.user]);
  });
});
