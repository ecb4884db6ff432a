import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { openEmbeddedRelay } from '../../../src/adapters/embedded/open-embedded-relay.ts';
import type { EmbeddedStoresOptions } from '../../../src/adapters/embedded/open-embedded-stores.ts';
import type { Caller } from '../../../src/core/caller.ts';
import { type Core, createCore } from '../../../src/core/core.ts';
import type { CoreLimits } from '../../../src/core/core-parts.ts';
import { CONTROL_CHANNEL, roomChannel } from '../../../src/core/publisher.ts';
import {
  type DeliverEnvelope,
  decodeControlEnvelope,
  decodeRoomEnvelope,
  type SharedEnvelope,
} from '../../../src/domain/envelope.ts';
import type { ControlNotice, RoomNotice } from '../../../src/domain/notices.ts';
import type { RoomRecord } from '../../../src/domain/roster.ts';
import { randomId } from '../../../src/lib/random-id.ts';
import type { Broker } from '../../../src/ports/broker.ts';
import type { MessageStore, NewMessage } from '../../../src/ports/message-store.ts';
import type { RateLimits } from '../../../src/ports/rate-limits.ts';
import type { RoomStore } from '../../../src/ports/room-store.ts';
import type { SecretStore } from '../../../src/ports/secret-store.ts';
import type { Sequencer } from '../../../src/ports/sequencer.ts';
import type { Telemetry } from '../../../src/ports/telemetry.ts';
import { parseRoomId, parseUserId, type RoomId } from '../../../src/protocol/ids.ts';
import { foldName, parseRoomName, parseUserName, type RoomName } from '../../../src/protocol/names.ts';
import { gatewayConfig } from '../gateway-config.ts';
import { Interposed } from './interposed.ts';
import { type LosableClocks, LosableHub } from './losable-clocks.ts';
import { type NodeRequests, requestsTo } from './node-requests.ts';
import { silentTelemetry } from './silent-telemetry.ts';
import { openTemporaryStores, type TemporaryStores } from './temporary-stores.ts';

export const limitsOff: CoreLimits = gatewayConfig({ BACKEND_TIMEOUT_MS: '60000' });

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
  readonly shared: SharedEnvelope[];
  readonly notices: (RoomNotice | ControlNotice)[];
}

/** The clock of the nodes, their sequencers and their stores: the machine's, or ahead of it. */
class WorldClock {
  aheadMs = 0;
  readonly nowMs = (): number => Date.now() + this.aheadMs;
}

/** Several nodes in this process, on the embedded relay and the embedded stores. */
export class ServiceWorld {
  readonly clock: WorldClock;
  readonly stores: TemporaryStores;
  readonly messages: MessageStore;
  readonly secrets: Interposed<SecretStore>;
  readonly clocks: LosableClocks;
  readonly #hub: LosableHub;
  readonly #limits: CoreLimits;
  readonly #appended = new Map<RoomId, Map<string, Pick<NewMessage, 'sender' | 'messageId'>>>();
  readonly #ends: (() => Promise<void>)[] = [];
  #sessions = 0;

  private constructor(clock: WorldClock, stores: TemporaryStores, limits: Partial<CoreLimits>) {
    this.clock = clock;
    this.stores = stores;
    this.messages = this.#noting(stores.messages);
    this.secrets = new Interposed<SecretStore>(stores.secrets);
    this.#hub = new LosableHub(clock.nowMs);
    this.clocks = this.#hub.clocks;
    this.#limits = { ...limitsOff, ...limits };
  }

  /** For the test that runs now: closed and removed at its end. */
  static async open(
    limits: Partial<CoreLimits> = {},
    { sweepEveryMs }: Pick<EmbeddedStoresOptions, 'sweepEveryMs'> = {},
  ): Promise<ServiceWorld> {
    const clock = new WorldClock();
    const { nowMs } = clock;
    const stores = await openTemporaryStores({
      now: nowMs,
      monotonicNow: nowMs,
      ...(sweepEveryMs !== undefined && { sweepEveryMs }),
    });
    const world = new ServiceWorld(clock, stores, limits);
    onTestFinished(() => world.#close());
    return world;
  }

  async #close(): Promise<void> {
    for (const end of this.#ends) await end();
    await this.stores[Symbol.asyncDispose]();
  }

  /** `limits`: in place of those that the nodes of the hub share. */
  async node(told: Partial<Telemetry> = {}, limits?: RateLimits): Promise<ServiceNode> {
    const telemetry = silentTelemetry(told);
    const embedded = openEmbeddedRelay({ telemetry, hub: this.#hub });
    await embedded.start();
    const sequencer = new Interposed<Sequencer>(embedded.sequencer);
    const rooms = new Interposed<RoomStore>(this.stores.rooms);
    const messages = new Interposed<MessageStore>(this.messages);
    const broker = new Interposed<Broker>(embedded.broker);
    const ports = { rooms: rooms.port, messages: messages.port, secrets: this.secrets.port };
    const own = limits === undefined ? {} : { limits };
    const core = createCore({
      stores: { ...this.stores, ...ports },
      relay: { ...embedded, sequencer: sequencer.port, broker: broker.port, ...own },
      limits: this.#limits,
      telemetry,
      clock: this.clock,
    });
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
    const user = randomId(parseUserId);
    if (name === undefined) throw new Error(`${nameText} is no user name`);
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
    await this.stores.identities.create(account);
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
    const record = await this.stores.rooms.byId(room);
    if (record === undefined) throw new Error('the room is gone');
    return record;
  }

  /** Every message that is stored of a room, in order. No port lists them: each that was appended is looked for. */
  async stored(room: RoomId): Promise<readonly NewMessage[]> {
    const appended = [...(this.#appended.get(room)?.values() ?? [])];
    const found = await Promise.all(
      appended.map(({ sender, messageId }) => this.messages.find(room, sender, messageId)),
    );
    return found.filter((message) => message !== undefined).sort((a, b) => a.seq - b.seq);
  }

  #noting(store: MessageStore): MessageStore {
    const append: MessageStore['append'] = (messages) => {
      for (const message of messages) this.#note(message);
      return store.append(messages);
    };
    return new Proxy(store, {
      get: (_, method: keyof MessageStore) => (method === 'append' ? append : store[method].bind(store)),
    });
  }

  #note({ room, sender, messageId }: NewMessage): void {
    const appended = this.#appended.get(room) ?? new Map<string, Pick<NewMessage, 'sender' | 'messageId'>>();
    this.#appended.set(room, appended.set(`${sender}:${messageId}`, { sender, messageId }));
  }
}

/** Listens as fan-out does. */
export async function listen(node: ServiceNode, room: RoomId | 'control'): Promise<Heard> {
  const heard: Heard = { deliveries: [], shared: [], notices: [] };
  await node.broker.port.subscribe(room === 'control' ? CONTROL_CHANNEL : roomChannel(room), (payload) => {
    if (room === 'control') {
      const notice = decodeControlEnvelope(payload);
      if (notice !== undefined) heard.notices.push(notice);
      return;
    }
    const envelope = decodeRoomEnvelope(payload);
    if (envelope?.kind === 'deliver') heard.deliveries.push(envelope);
    if (envelope?.kind === 'shared') heard.shared.push(envelope);
    if (envelope?.kind === 'notice') heard.notices.push(envelope.notice);
  });
  return heard;
}

export function roomNamed(text: string): RoomName {
  const name = parseRoomName(text);
  if (name === undefined) throw new Error(`${text} is no room name`);
  return name;
}

export const anyRoom = (): RoomId => randomId(parseRoomId);
