import { LRUCache } from 'lru-cache';
import { Background } from '../lib/background.ts';
import { boundedCache } from '../lib/bounded-cache.ts';
import { FairTurns } from '../lib/fair-turns.ts';
import { KeyedTurns } from '../lib/keyed-turns.ts';
import type { LogEvent } from '../ports/log-events.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { TYPING_INTERVAL_MS } from '../protocol/limits.ts';
import type { ReplyBody } from '../protocol/requests.ts';
import { AccountReconciler } from './account-reconciler.ts';
import { ClusterSecrets } from './cluster-secrets.ts';
import type { CoreParts } from './core-parts.ts';
import { Decoys } from './decoys.ts';
import { EpochLeases } from './epoch-leases.ts';
import { Epochs } from './epochs.ts';
import { FileTickets } from './file-tickets.ts';
import { FileUpkeep } from './file-upkeep.ts';
import { Identities } from './identities.ts';
import { Invitations } from './invitations.ts';
import { MessageRates, RateGate, StorageQuota } from './limits.ts';
import { NodeOrders } from './node-orders.ts';
import { OnlineRooms } from './online-rooms.ts';
import { PasswordAttempts } from './password-attempts.ts';
import { PositionAllocator } from './position-allocator.ts';
import { Publisher } from './publisher.ts';
import { ResumeTokens } from './resume-tokens.ts';
import { RevocationList } from './revocation-list.ts';
import { RoomAnnouncer } from './room-announcer.ts';
import { RoomChanges } from './room-changes.ts';
import { RoomInvitations } from './room-invitations.ts';
import { PresenceAnnouncer, RoomPresences } from './room-presence.ts';
import { lowerCeilings, SequenceKeeper, Watermarks } from './room-sequence.ts';
import { RoomUpkeep } from './room-upkeep.ts';
import { RoomViews } from './room-views.ts';
import { AppendBatcher, SendQueues } from './send-queue.ts';
import { Settler } from './settler.ts';
import type { PlainRequestName, UseCaseOn, UseCasesOn } from './use-case.ts';
import { WaitingWraps } from './waiting-wraps.ts';

/** Members in all pages of rosters that are kept: a version never changes, and many ask for the same one. */
export const MEMBER_PAGES_WEIGHT_MAX = 20_000;

/** Users and rooms whose last typing notice is remembered; the oldest is forgotten first. */
export const TYPING_NOTICES_MAX = 20_000;

/** The state of one node, which its use cases share. */
export type Core = ReturnType<typeof createCore>;

export type UseCase<Name extends PlainRequestName> = UseCaseOn<Core, Name>;
export type UseCases = UseCasesOn<Core>;

/** Wires one node. Nothing is read or begun before start(). Tests replace `parts`: ports, limits, clock or telemetry. */
export function createCore(parts: CoreParts) {
  const basics = createBasics(parts);
  const rooms = createRooms(parts, basics);
  const accounts = createAccounts(parts, { ...basics, ...rooms });
  const core = { ...parts, ...basics, ...rooms, ...accounts };
  const { secrets, upkeep, fileUpkeep, reconciler, presenceAnnouncer, orders, background } = core;
  return {
    ...core,
    /** Reads or makes the cluster's secrets, and listens to presence. To be called once, when the backends are up. Throws Unavailable. */
    async start(): Promise<void> {
      await secrets.start();
      upkeep.start();
      fileUpkeep.start();
      parts.relay.presence.onChange((changes) => presenceAnnouncer.note(changes));
      reconciler.start();
    },
    /** Ends background work and waits for it. To be called before the backends are closed. */
    async close(): Promise<void> {
      presenceAnnouncer.close();
      orders.close();
      core.waitingWraps.close();
      await background.close();
      await lowerCeilings(parts.relay.sequencer, parts.stores.rooms, parts.telemetry);
    },
  };
}

type Basics = ReturnType<typeof createBasics>;

/** What does not know of rooms or accounts. */
function createBasics({ stores, relay, limits, telemetry, clock }: CoreParts) {
  const background = new Background<LogEvent>(telemetry, 'background_full');
  const publisher = new Publisher(relay.broker, background, telemetry);
  const secrets = new ClusterSecrets({ store: stores.secrets, publisher, background });
  const rates = new RateGate(relay.limits, telemetry);
  return {
    background,
    publisher,
    secrets,
    rates,
    decoys: new Decoys(secrets),
    tokens: new ResumeTokens(secrets),
    fileTickets: new FileTickets(secrets),
    fileUpkeep: new FileUpkeep({ files: stores.files, background, telemetry, clock }),
    watermarks: new Watermarks(),
    identities: new Identities(stores.identities),
    turns: new KeyedTurns(() => clock.nowMs()),
    messageRates: new MessageRates(limits, telemetry, clock),
    quota: new StorageQuota(rates, limits),
    passwordAttempts: new PasswordAttempts(rates, limits, background),
    invitations: new Invitations(stores.invites, rates, limits, clock),
    orders: new NodeOrders(relay.nodes, relay.broker),
    presences: new RoomPresences(relay.presence),
    presenceAnnouncer: new PresenceAnnouncer(publisher),
    onlineRooms: new OnlineRooms(relay.presence, clock),
    sendQueues: new SendQueues(),
    waitingWraps: new WaitingWraps(telemetry),
    typingNotices: boundedCache<string, true>(TYPING_NOTICES_MAX, {
      ttl: TYPING_INTERVAL_MS,
      ttlResolution: 0,
      perf: { now: () => clock.nowMs() },
    }),
    memberPages: new LRUCache<string, ReplyBody<'members'>>({ maxSize: MEMBER_PAGES_WEIGHT_MAX }),
  };
}

function createRooms({ stores, relay, limits, telemetry, clock }: CoreParts, basics: Basics) {
  const { rooms, messages, epochs, files, contacts } = stores;
  const { sequencer } = relay;
  const { background, publisher, identities, rates, watermarks } = basics;
  const announcer = new RoomAnnouncer(publisher, identities, telemetry);
  const upkeep = new RoomUpkeep({
    ...{ rooms, messages, epochs, files, contacts, sequencer, announcer },
    ...{ watermarks, background, telemetry, clock },
  });
  const keeper = new SequenceKeeper({ sequencer, messages, epochs, watermarks, telemetry });
  const turns = new FairTurns(
    limits.backendTimeoutMs,
    () => new Unavailable('store', new Error('the turn came too late')),
  );
  const views = new RoomViews({ rooms, sequencer, keeper, watermarks, upkeep, turns, telemetry });
  const settler = new Settler({ messages, rooms, background, telemetry, clock });
  return {
    announcer,
    upkeep,
    views,
    settler,
    roomInvitations: new RoomInvitations({
      ...{ contacts, rooms, identities, rates, limits, announcer, clock },
    }),
    epochLeases: new EpochLeases(sequencer, background),
    epochs: new Epochs({ epochs, rooms, sequencer, watermarks, views, publisher, background, clock }),
    changes: new RoomChanges({ rooms, keeper, views, announcer, upkeep }),
    positions: new PositionAllocator({
      ...{ sequencer, rooms, keeper, views },
      ...{ watermarks, settler, background, wallClock: clock },
    }),
    batcher: new AppendBatcher(messages, telemetry),
  };
}

function createAccounts(
  { stores, relay, clock }: CoreParts,
  { publisher, background, views, changes, upkeep }: Basics & ReturnType<typeof createRooms>,
) {
  const { rooms, identities, prekeys, backups, contacts, userStates, files } = stores;
  const revocations = new RevocationList({ store: identities, cache: relay.revocations, publisher, clock });
  const reconciler = new AccountReconciler({
    ...{ identities, prekeys, backups, contacts, userStates, files, rooms, views, changes },
    ...{ upkeep, revocations, background, clock },
  });
  return { revocations, reconciler };
}
