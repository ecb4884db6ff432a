import { sendersChild } from '../../loadtest/native/children.ts';
import type { Child, Fields } from '../../loadtest/native/parent-and-child.ts';
import { makeRoom, makeSharedKeys, type SharedKeys } from '../../loadtest/wire/accounts.ts';
import { ReadBuffer } from '../../loadtest/wire/raw-web-socket.ts';
import { roomChannel } from '../../src/core/publisher.ts';
import { toHex } from '../../src/protocol/bytes.ts';
import { startGateway } from '../../test/support/cluster/gateway-process.ts';
import { ratesOff } from '../../test/support/cluster/patience.ts';
import { databaseUrl } from '../../test/support/cluster/test-cluster.ts';
import { startMongoServer } from '../../test/support/services/mongo-server.ts';
import { patient } from '../support/deployment.ts';
import { type MemberRoom, manyAccounts } from '../support/members.ts';
import { conclaveMessage, sharedMessage } from './conclave-message.ts';
import { type Conditions, type Contestant, injectorOf, receiversOf, type Use } from './contestant.ts';
import { publishTemplate } from './publish-template.ts';

const SENDING_SESSIONS = 8;
const OPEN_SENDS_MAX = 64;
/** What open-redis.ts puts before every name. */
const KEY_PREFIX = 'conclave:';

/**
 * Two gateways: one only delivers to every member of one room of retention 0, the other takes what members send, if they
 * do: else the injector publishes in its place.
 */
export const conclave: Contestant = conclaveOf('conclave', 1);

/** With messages of suite 2, which the injector alone sends. */
export const conclaveSuiteTwo: Contestant = conclaveOf('conclave suite 2', 2);

/** The same, to receivers that do not ask for batches. */
export const conclaveUnbatched: Contestant = conclaveOf('conclave suite 2 without batches', 2, false);

function conclaveOf(name: string, suite: 1 | 2, batches = true): Contestant {
  return {
    name,
    enter: async (conditions, use) => {
      const mongo = use(await startMongoServer());
      const environment = {
        ...ratesOff,
        REDIS_URL: conditions.redisUrl,
        MONGODB_URL: databaseUrl(mongo.url),
      };
      const entry = use(await startGateway({ ...environment, ...patient, NODE_ID: 'entry' }));
      const measured = use(await startGateway({ ...environment, NODE_ID: 'measured' }));
      const shared = await makeSharedKeys();
      const room = await memberRoom(entry.url, shared, conditions.members, suite);
      const { envelope, places, stampBeforeEnd } = (suite === 1 ? conclaveMessage : sharedMessage)(
        {
          room: room.room,
          members: room.members.map(({ user }) => user),
          fingerprint: shared.keys.fingerprint,
          version: room.version,
        },
        conditions.ciphertextBytes,
      );
      const membership = { ...membershipOf(room, shared, suite), batches };
      const receiving = { dialect: 'conclave', url: measured.url, stampBeforeEnd, membership } as const;
      const template = publishTemplate(KEY_PREFIX + roomChannel(room.room), envelope, places);
      return {
        name,
        pid: measured.pid,
        receivers: await receiversOf(receiving, conditions, use),
        injector: await injectorOf(template, conditions, use),
        ...(suite === 1 && { senders: await sendersOf(entry.url, room, shared, conditions, use) }),
      };
    },
  };
}

async function memberRoom(url: string, shared: SharedKeys, count: number, suite: 1 | 2): Promise<MemberRoom> {
  const members = await manyAccounts(url, shared, 'member', count);
  const room = { name: 'everybody', retention: 0, members, ...(suite === 2 && { suite }) };
  return { ...(await makeRoom(url, new ReadBuffer(), room)), members };
}

function membershipOf(
  { members, room }: MemberRoom,
  { rsaHex, ed25519Hex }: SharedKeys,
  suite: 1 | 2,
): Fields {
  const entering = members.map(({ token }) => ({ token: toHex(token), room }));
  return { rsa: rsaHex, ed25519: ed25519Hex, members: entering, suite };
}

async function sendersOf(
  url: string,
  { members, room, version }: MemberRoom,
  shared: SharedKeys,
  { ciphertextBytes }: Conditions,
  use: Use,
): Promise<Child> {
  const senders = use(sendersChild());
  await senders.call('connect', {
    url,
    rsa: shared.rsaHex,
    ed25519: shared.ed25519Hex,
    ciphertextBytes,
    openMax: OPEN_SENDS_MAX,
    senders: members.slice(0, SENDING_SESSIONS).map(({ user, token }) => ({
      user,
      token: toHex(token),
      room,
      version,
      members: members.length,
      enters: false,
    })),
  });
  return senders;
}
