import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { type GatewayProcess, startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/patience.ts';
import { databaseUrl } from '../support/cluster/test-cluster.ts';
import { FaultProxy } from '../support/hostile/fault-proxy.ts';
import { RecordingRelay } from '../support/hostile/recording-relay.ts';
import { startMongoServer } from '../support/services/mongo-server.ts';
import { startRedisServer } from '../support/services/redis-server.ts';
import { play, type Secrets } from './drama.ts';
import { found, type Needle, textNeedle } from './needles.ts';

/** Where bytes were collected, and what of the play must, and must not, be there. */
interface Place {
  readonly name: string;
  readonly bytes: Buffer;
  readonly never: readonly Needle[];
  readonly surely: readonly Needle[];
}

const planted = textNeedle('planted', 'Planted-canary-that-must-be-found');

function expectBlind(places: readonly Place[]): void {
  for (const { name, bytes, never, surely } of places) {
    expect([name, found(bytes, never)]).toEqual([name, []]);
    // The search works on these very bytes: what belongs there is found, and so is what was put there just now.
    expect([name, found(bytes, surely)]).toEqual([name, surely.map((needle) => needle.name)]);
    const salted = Buffer.concat([bytes, Buffer.from(planted.bytes)]);
    expect([name, found(bytes, [planted]), found(salted, [planted])]).toEqual([name, [], ['planted']]);
  }
}

function filesUnder(directory: string): Buffer {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Buffer.concat(files.map((entry) => readFileSync(join(entry.parentPath, entry.name))));
}

async function spoken(gateways: readonly GatewayProcess[]): Promise<{ logs: Buffer; metrics: Buffer }> {
  const metrics = await Promise.all(gateways.map((gateway) => gateway.metrics()));
  return {
    logs: Buffer.from(gateways.flatMap(({ logs }) => logs).join('\n')),
    metrics: Buffer.from(metrics.join('\n')),
  };
}

/** What every kind of server shows to its operator, and what it sends and is sent. */
function commonPlaces(
  secrets: Secrets,
  traffic: Buffer,
  { logs, metrics }: { readonly logs: Buffer; readonly metrics: Buffer },
  profile: Buffer,
): readonly Place[] {
  // Five texts, four passwords, eight private parts of each account, the room secrets of two, and the keys that they have of two epochs.
  expect(secrets.ofPeople.length).toBeGreaterThanOrEqual(5 + 4 + 8 * 4 + 2 + 2 * 2);
  expect(secrets.onTheWireOnly.length).toBeGreaterThanOrEqual(3);
  const everything = [...secrets.ofPeople, ...secrets.onTheWireOnly, ...secrets.notInLogs];
  const [, ciphertext] = secrets.publicBytes;
  return [
    {
      name: 'client traffic',
      bytes: traffic,
      never: secrets.ofPeople,
      surely: [...secrets.onTheWireOnly, ciphertext ?? planted],
    },
    { name: 'logs', bytes: logs, never: everything, surely: [textNeedle('ready', '"event":"ready"')] },
    { name: 'metrics', bytes: metrics, never: everything, surely: [textNeedle('metric', 'conclave_')] },
    {
      name: 'profile directory',
      bytes: profile,
      never: [...secrets.ofPeople, ...secrets.onTheWireOnly],
      surely: [textNeedle('default user', 'Carolinacanary')],
    },
  ];
}

test('two gateways on Redis and MongoDB never see, keep or tell what is the people’s own', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-secrets-'));
  try {
    await using redis = await startRedisServer();
    await using mongo = await startMongoServer({ dir: join(directory) });
    await using redisTap = await FaultProxy.before(redis.url);
    await using mongoTap = await FaultProxy.before(databaseUrl(mongo.url));
    const env = { REDIS_URL: redisTap.url, MONGODB_URL: mongoTap.url, LOG_LEVEL: 'trace', ...ratesOff };
    await using one = await startGateway({ ...env, NODE_ID: 'one' });
    await using two = await startGateway({ ...env, NODE_ID: 'two' });
    await using relayOne = await RecordingRelay.before(one.url);
    await using relayTwo = await RecordingRelay.before(two.url);
    const people = await mkdtemp(join(tmpdir(), 'conclave-people-'));
    try {
      const secrets = await play([relayOne.url, relayTwo.url], people);
      const said = await spoken([one, two]);
      const profile = filesUnder(join(people, 'profile'));
      const mongoTraffic = mongoTap.recorded;
      const documents = await allDocuments(mongoTap.url);
      const keys = await allKeys(redis.url);
      await one.interrupt();
      await two.interrupt();
      await mongo.stop();
      const traffic = Buffer.concat([relayOne.recorded, relayTwo.recorded]);
      const stores = [...secrets.ofPeople, ...secrets.onTheWireOnly];
      const secretsOfServer = documents.secrets;
      expect(secretsOfServer.length).toBeGreaterThan(1);
      expectBlind([
        ...commonPlaces(secrets, traffic, said, profile),
        {
          name: 'Redis traffic',
          bytes: redisTap.recorded,
          never: [...stores, ...secretsOfServer],
          surely: secrets.publicBytes.slice(1),
        },
        {
          name: 'Redis keys',
          bytes: keys,
          never: [...stores, ...secretsOfServer],
          surely: [textNeedle('clock', 'clock:{')],
        },
        { name: 'MongoDB traffic', bytes: mongoTraffic, never: stores, surely: secrets.publicBytes },
        {
          name: 'MongoDB documents',
          bytes: documents.all,
          never: stores,
          surely: secrets.publicBytes.slice(0, 1),
        },
        {
          name: 'MongoDB files',
          bytes: filesUnder(directory),
          never: stores,
          surely: [textNeedle('collection', 'identities')],
        },
        { name: 'client traffic, again', bytes: traffic, never: secretsOfServer, surely: [] },
        { name: 'logs, again', bytes: said.logs, never: secretsOfServer, surely: [] },
      ]);
    } finally {
      await rm(people, { recursive: true, force: true });
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 300_000);

test('an embedded gateway never sees, stores or reveals what belongs to its users', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'conclave-secrets-'));
  try {
    const store = join(directory, 'store');
    await using gateway = await startGateway({ DATA_DIR: store, LOG_LEVEL: 'trace', ...ratesOff });
    await using relay = await RecordingRelay.before(gateway.url);
    const secrets = await play([relay.url, relay.url], directory);
    const said = await spoken([gateway]);
    const profile = filesUnder(join(directory, 'profile'));
    await gateway.interrupt();
    expectBlind([
      ...commonPlaces(secrets, relay.recorded, said, profile),
      {
        name: 'LMDB files',
        bytes: filesUnder(store),
        never: [...secrets.ofPeople, ...secrets.onTheWireOnly],
        surely: secrets.publicBytes.slice(0, 1),
      },
    ]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 300_000);

/** Every document of the database as raw BSON, and the byte strings among the cluster's own secrets. */
async function allDocuments(url: string): Promise<{ all: Buffer; secrets: readonly Needle[] }> {
  const client = new MongoClient(url, { directConnection: true });
  try {
    const database = client.db();
    const raw: Buffer[] = [];
    for (const { name } of await database.listCollections().toArray())
      for await (const document of database.collection(name).find({}, { raw: true }))
        if (Buffer.isBuffer(document)) raw.push(document);
    const cluster = await database.collection('secrets').findOne({});
    const secrets: Needle[] = [];
    collectBytes(cluster, 'cluster secret', secrets);
    // Public keys of made-up users are no secret: whoever asks for a made-up name sees what they encrypt.
    return { all: Buffer.concat(raw), secrets: secrets.filter(({ bytes }) => bytes.length === 32) };
  } finally {
    await client.close();
  }
}

function collectBytes(value: unknown, name: string, into: Needle[]): void {
  if (typeof value !== 'object' || value === null) return;
  if ('buffer' in value && value.buffer instanceof Uint8Array) {
    into.push({ name, bytes: new Uint8Array(value.buffer) });
    return;
  }
  for (const [key, inner] of Object.entries(value)) collectBytes(inner, `${name}.${key}`, into);
}

/** Every key of Redis with all that it holds. */
async function allKeys(url: string): Promise<Buffer> {
  const redis = new Redis(url);
  const parts: Buffer[] = [];
  const keep = (value: unknown): void => {
    if (Buffer.isBuffer(value)) parts.push(value);
    else if (Array.isArray(value)) for (const inner of value) keep(inner);
  };
  try {
    for (const key of await redis.keys('*')) {
      parts.push(Buffer.from(key));
      const type = await redis.type(key);
      if (type === 'hash') keep(await redis.callBuffer('HGETALL', key));
      else if (type === 'set') keep(await redis.smembersBuffer(key));
      else if (type === 'zset') keep(await redis.zrangeBuffer(key, '0', '-1'));
      else if (type === 'string') keep(await redis.getBuffer(key));
      // It went since the keys were listed; what it held was in the traffic.
      else if (type !== 'none') throw new Error(`${key} is a ${type}, which this search does not know`);
    }
    return Buffer.concat(parts);
  } finally {
    redis.disconnect();
  }
}
