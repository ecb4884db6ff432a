import { randomBytes } from 'node:crypto';
import { InProcessHub } from '../../../src/adapters/embedded/in-process-hub.ts';
import { openEmbeddedRelay } from '../../../src/adapters/embedded/open-embedded-relay.ts';
import { embeddedSchema } from '../../../src/adapters/embedded/schema-number.ts';
import type { Caller } from '../../../src/core/caller.ts';
import { type Core, createCore } from '../../../src/core/core.ts';
import type { CoreLimits } from '../../../src/core/core-parts.ts';
import { CONTROL_CHANNEL, roomChannel } from '../../../src/core/publisher.ts';
import {
  type DeliverEnvelope,
  decodeControlEnvelope,
  decodeRoomEnvelope,
} from '../../../src/domain/envelope.ts';
import type { ControlNotice, RoomNotice } from '../../../src/domain/notices.ts';
import type { RoomRecord } from '../../../src/domain/roster.ts';
import type { StoreBackend } from '../../../src/ports/backend.ts';
import type { Broker } from '../../../src/ports/broker.ts';
import type { MessageStore } from '../../../src/ports/message-store.ts';
import type { RateLimits } from '../../../src/ports/rate-limits.ts';
import type { RoomStore } from '../../../src/ports/room-store.ts';
import type { Sequencer } from '../../../src/ports/sequencer.ts';
import type { Telemetry } from '../../../src/ports/telemetry.ts';
import { parseRoomId, parseUserId, type RoomId } from '../../../src/protocol/ids.ts';
import { foldName, parseRoomName, parseUserName, type RoomName } from '../../../src/protocol/names.ts';
import { Interposed } from './interposed.ts';
import { MemoryIdentities, MemorySecrets } from './memory-accounts.ts';
import { MemoryInvites } from './memory-invites.ts';
import { MemoryMessages } from './memory-messages.ts';
import { MemoryRooms } from './memory-rooms.ts';
import { type NodeRequests, requestsTo } from './node-requests.ts';
import { SharedClock } from './shared-clock.ts';
import { silentTelemetry } from './silent-telemetry.ts';

export const limitsOff: CoreLimits = {
  registration: 'open',
  maxRoomMembers: 256,
  backendTimeoutMs: 60_000,
  maxRoomsPerUser: 500,
  rateRegistrationsAddress: 'off',
  rateLoginsName: 'off',
  rateLoginsAddress: 'off',
  ratePasswordUser: 'off',
  ratePasswordShare: 'off',
  ratePasswordRoom: 'off',
  rateJoinsUserRoom: 'off',
  rateRosterChangesUser: 'off',
  rateCreatesUser: 'off',
  rateLogoutsUser: 'off',
  rateRotationsUser: 'off',
  rateRoomActsUser: 'off',
  rateMessagesUser: 'off',
  rateMessageBytesUser: 'off',
  rateStoredBytesUser: 'off',
  rateStoredBytesRoom: 'off',
};

/** One node: its core, every request as a user of it asks, and what stands between it and the ports. */
export interface ServiceNode {
  readonly core: Core;
  readonly requests: NodeRequests;
  readonly sequencer: Interposed<Sequencer>;
  readonly rooms: Interposed<RoomStore>;
  readonly messages: Interposed<MessageStore>;
  readonly broker: Interposed<Broker>;
}

/** What a node heard on one channel. */
export interface Heard {
  readonly deliveries: DeliverEnvelope[];
  readonly notices: (RoomNotice | ControlNotice)[];
}

/** Several nodes over one hub and one set of stores, all in memory. */
export class ServiceWorld implements AsyncDisposable {
  readonly rooms = new MemoryRooms();
  readonly messages = new MemoryMessages();
  readonly identities = new MemoryIdentities();
  readonly secrets = new MemorySecrets();
  readonly invites = new MemoryInvites();
  readonly clock = new SharedClock();
  readonly hub = new InProcessHub();
  /** How far the nodes' own clocks are ahead, in ms. */
  aheadMs = 0;
  readonly #limits: CoreLimits;
  readonly #ends: (() => Promise<void>)[] = [];
  #sessions = 0;

  constructor(limits: Partial<CoreLimits> = {}) {
    this.#limits = { ...limitsOff, ...limits };
  }

  /** `limits`: in place of those that the nodes of the hub share. */
  async node(told: Partial<Telemetry> = {}, limits?: RateLimits): Promise<ServiceNode> {
    const telemetry = silentTelemetry(told);
    const embedded = openEmbeddedRelay({ telemetry, hub: this.hub });
    await embedded.start();
    const sequencer = new Interposed<Sequencer>(this.clock);
    const rooms = new Interposed<RoomStore>(this.rooms);
    const messages = new Interposed<MessageStore>(this.messages);
    const broker = new Interposed<Broker>(embedded.broker);
    const stores: StoreBackend = {
      identities: this.identities,
      secrets: this.secrets,
      invites: this.invites,
      rooms: rooms.port,
      messages: messages.port,
      start: async () => undefined,
      isUp: () => true,
      isFull: () => false,
      schema: embeddedSchema,
      close: async () => undefined,
    };
    const own = limits === undefined ? {} : { limits };
    const relay = { ...embedded, sequencer: sequencer.port, broker: broker.port, ...own };
    const wallClock = { nowMs: () => Date.now() + this.aheadMs };
    const core = createCore({ stores, relay, limits: this.#limits, telemetry, clock: wallClock });
    await core.start();
    this.#ends.push(async () => {
      await core.close();
      await embedded.close();
    });
    return { core, requests: requestsTo(core), sequencer, rooms, messages, broker };
  }

  /** A person with an account whose keys nobody looks at. */
  async caller(nameText: string): Promise<Caller> {
    const name = parseUserName(nameText);
    const user = parseUserId(new Uint8Array(randomBytes(16)));
    if (name === undefined || user === undefined) throw new Error(`${nameText} is no user name`);
    const identity = { document: new Uint8Array(randomBytes(16)), signatures: new Uint8Array(320) };
    const account = {
      user,
      name,
      folded: foldName(name),
      sequence: 0,
      identity,
      createdAt: 1,
      closed: false,
      disabled: false,
    };
    await this.identities.create(account);
    return this.session({ user, name });
  }

  /** One more session of a user. */
  session({ user, name }: Pick<Caller, 'user' | 'name'>): Caller {
    this.#sessions += 1;
    const session = `session-${this.#sessions}`;
    return { user, name, session, address: '127.0.0.1', tokenIssuedAt: 1, tokenId: user };
  }

  /** What the store holds of a room that must be there. */
  async record(room: RoomId): Promise<RoomRecord> {
    const record = await this.rooms.byId(room);
    if (record === undefined) throw new Error('the room is gone');
    return record;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end();
  }
}

/** Listens as fan-out does. */
export async function listen(node: ServiceNode, room: RoomId | 'control'): Promise<Heard> {
  const heard: Heard = { deliveries: [], notices: [] };
  await node.broker.port.subscribe(room === 'control' ? CONTROL_CHANNEL : roomChannel(room), (payload) => {
    if (room === 'control') {
      const notice = decodeControlEnvelope(payload);
      if (notice !== undefined) heard.notices.push(notice);
      return;
    }
    const envelope = decodeRoomEnvelope(payload);
    if (envelope?.kind === 'deliver') heard.deliveries.push(envelope);
    if (envelope?.kind === 'notice') heard.notices.push(envelope.notice);
  });
  return heard;
}

export function roomNamed(text: string): RoomName {
  const name = parseRoomName(text);
  if (name === undefined) throw new Error(`${text} is no room name`);
  return name;
}

export function anyRoom(): RoomId {
  const room = parseRoomId(new Uint8Array(randomBytes(16)));
  if (room === undefined) throw new Error('16 bytes are a room id');
  return room;
}
