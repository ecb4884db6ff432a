import { receiversChild, sendersChild } from '../../loadtest/native/children.ts';
import { Child, type Fields, textIn } from '../../loadtest/native/parent-and-child.ts';
import {
  type Account,
  makeAccounts,
  makeRoom,
  makeSharedKeys,
  type SharedKeys,
} from '../../loadtest/wire/accounts.ts';
import { headerTemplate } from '../../loadtest/wire/message-template.ts';
import { ReadBuffer } from '../../loadtest/wire/raw-web-socket.ts';
import { roomChannel } from '../../src/ports/broker.ts';
import { concatBytes, toHex } from '../../src/protocol/bytes.ts';
import { idBytes, type RoomId } from '../../src/protocol/ids.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { type GatewayProcess, startGateway } from '../../test/support/cluster/gateway-process.ts';
import { databaseUrl, ratesOff } from '../../test/support/cluster/test-cluster.ts';
import { startMongoServer } from '../../test/support/services/mongo-server.ts';
import { type RedisServer, startRedisServer } from '../../test/support/services/redis-server.ts';

/** As in deploy/redis: the default cuts off a node that is 32 MB behind, which is 600 messages to 200 members. */
const redisArguments = ['--client-output-buffer-limit', 'pubsub 268435456 134217728 60'];
/** The stand-in for MongoDB is slow while the room is set up; nothing that is measured waits for it. */
const patient = { BACKEND_TIMEOUT_MS: '10000' };
const SENDING_SESSIONS = 8;
const OPEN_SENDS_MAX = 64;
const WRAP_HEAD_BYTES = 3;
/** What open-redis.ts puts before every name. */
const KEY_PREFIX = 'conclave:';
const BARE_CHANNEL = 'bench:bare';

/** What delivers, and what receives from it. */
export interface Deliverer {
  readonly name: 'conclave' | 'bare loop';
  readonly pid: number;
  readonly receivers: Child;
  readonly injector: Child;
}

export interface DeliverySetup extends AsyncDisposable {
  readonly gateway: GatewayProcess;
  /** Through which the senders send. */
  readonly entry: GatewayProcess;
  readonly redis: RedisServer;
  readonly conclave: Deliverer;
  readonly bare: Deliverer;
  readonly senders: Child;
  readonly members: number;
}

export interface SetupOptions {
  readonly members: number;
  readonly ciphertextBytes: number;
}

/**
 * Two gateways on one Redis: one only delivers to every member of one room of retention 0, the other takes the sends.
 * Beside them a bare loop on the same Redis, with as many receivers.
 */
export async function setUpDelivery(options: SetupOptions): Promise<DeliverySetup> {
  const resources: AsyncDisposable[] = [];
  const use = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    resources.push(resource);
    return resource;
  };
  const dispose = async (): Promise<void> => {
    for (const resource of resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  };
  try {
    const redis = use(await startRedisServer({ args: redisArguments }));
    const mongo = use(await startMongoServer());
    const environment = { ...ratesOff, REDIS_URL: redis.url, MONGODB_URL: databaseUrl(mongo.url) };
    const entry = use(await startGateway({ ...environment, ...patient, NODE_ID: 'entry' }));
    const gateway = use(await startGateway({ ...environment, NODE_ID: 'measured' }));
    const shared = await makeSharedKeys();
    const room = await memberRoom(entry.url, shared, options.members);
    const feed = { options, room, shared, redisPort: redis.port };
    const conclave = await connectConclave(gateway, use, feed);
    const bare = await connectBareLoop(use, feed);
    const senders = use(sendersChild());
    await connectSenders(senders, entry.url, feed);
    return {
      gateway,
      entry,
      redis,
      conclave,
      bare,
      senders,
      members: options.members,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const benchChild = (file: string): Child => new Child(new URL(`../${file}`, import.meta.url));

interface MemberRoom {
  readonly accounts: readonly Account[];
  readonly room: RoomId;
  readonly version: number;
}

interface Feed {
  readonly options: SetupOptions;
  readonly room: MemberRoom;
  readonly shared: SharedKeys;
  readonly redisPort: number;
}

async function memberRoom(url: string, { keys }: SharedKeys, members: number): Promise<MemberRoom> {
  const buffer = new ReadBuffer();
  const names = Array.from({ length: members }, (_, index) => `member${index}`);
  const accounts = await makeAccounts(url, buffer, keys, names, () => Promise.resolve());
  const { room, version } = await makeRoom(url, buffer, {
    name: 'everybody',
    retention: 0,
    members: accounts,
  });
  return { accounts, room, version };
}

async function connectConclave(
  gateway: GatewayProcess,
  use: (child: Child) => Child,
  feed: Feed,
): Promise<Deliverer> {
  const { room, shared, options } = feed;
  const receivers = use(receiversChild());
  await receivers.call('connect', {
    url: gateway.url,
    rsa: shared.rsaHex,
    ed25519: shared.ed25519Hex,
    members: room.accounts.map(({ token }) => ({ token: toHex(token), room: room.room })),
    stampBeforeEnd: stampBeforeEnd(options),
  });
  const injector = use(benchChild('injector.ts'));
  await injector.call('start', injection(feed, KEY_PREFIX + roomChannel(room.room)));
  return { name: 'conclave', pid: gateway.pid, receivers, injector };
}

async function connectBareLoop(use: (child: Child) => Child, feed: Feed): Promise<Deliverer> {
  const bare = use(benchChild('bare-loop.ts'));
  const started = await bare.call('start', { redisPort: feed.redisPort, channel: BARE_CHANNEL });
  const receivers = use(receiversChild());
  await receivers.call('connect', {
    url: textIn(started, 'url'),
    token: 'none',
    count: feed.options.members,
    stampBeforeEnd: stampBeforeEnd(feed.options),
  });
  const injector = use(benchChild('injector.ts'));
  await injector.call('start', injection(feed, BARE_CHANNEL));
  return { name: 'bare loop', pid: bare.pid, receivers, injector };
}

/** The stamp is the first bytes of the ciphertext, which has only the wrap behind it. */
function stampBeforeEnd({ ciphertextBytes }: SetupOptions): number {
  return ciphertextBytes + WRAP_HEAD_BYTES + WRAP_BYTES;
}

function injection({ room, shared, options, redisPort }: Feed, channel: string): Fields {
  const [sender] = room.accounts;
  if (sender === undefined) throw new Error('a room has members');
  const ascending = room.accounts.map(({ user }) => user).sort();
  const header = headerTemplate(room.room, sender.user, shared.keys.fingerprint, room.version);
  return {
    redisPort,
    channel,
    room: room.room,
    sender: sender.user,
    recipients: toHex(concatBytes(...ascending.map(idBytes))),
    header: toHex(header),
    ciphertextBytes: options.ciphertextBytes,
  };
}

async function connectSenders(senders: Child, url: string, { room, shared, options }: Feed): Promise<void> {
  await senders.call('connect', {
    url,
    rsa: shared.rsaHex,
    ed25519: shared.ed25519Hex,
    ciphertextBytes: options.ciphertextBytes,
    openMax: OPEN_SENDS_MAX,
    senders: room.accounts.slice(0, SENDING_SESSIONS).map(({ user, token }) => ({
      user,
      token: toHex(token),
      room: room.room,
      version: room.version,
      members: room.accounts.length,
      enters: false,
    })),
  });
}
