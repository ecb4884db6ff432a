import { isRefusal } from '../protocol/error-reply.ts';
import { AccountAftermath } from './accounts/account-aftermath.ts';
import { AccountClosing } from './accounts/account-closing.ts';
import { AccountControl } from './accounts/account-control.ts';
import { AccountSessions } from './accounts/account-sessions.ts';
import { ClusterSecretBook } from './accounts/cluster-secret-book.ts';
import { Decoys } from './accounts/decoys.ts';
import { IdentityBook } from './accounts/identity-book.ts';
import { Invitations } from './accounts/invitations.ts';
import { KeyRotation } from './accounts/key-rotation.ts';
import { Login } from './accounts/login.ts';
import { Registration } from './accounts/registration.ts';
import { ResumeTokens } from './accounts/resume-tokens.ts';
import { RevocationBook } from './accounts/revocation-book.ts';
import { SecretRotation } from './accounts/secret-rotation.ts';
import { type Administration, createAdministration } from './administration/administration.ts';
import { NodeOrders } from './administration/node-orders.ts';
import { RoomPurging } from './administration/room-purging.ts';
import type { Accounts, Rooms, Services } from './api.ts';
import { Background } from './background.ts';
import { FairTurns } from './fair-turns.ts';
import { AppendBatcher } from './messages/append-batcher.ts';
import { ClockKeeper } from './messages/clock-keeper.ts';
import { RoomHistory } from './messages/history.ts';
import { keepPositions } from './messages/kept-positions.ts';
import { MessagePublishing } from './messages/message-publishing.ts';
import { MessageRates } from './messages/message-rates.ts';
import { PositionRuns } from './messages/position-runs.ts';
import { PositionTaker } from './messages/position-taker.ts';
import { RoomPosting } from './messages/posting.ts';
import { RoomSeen } from './messages/room-seen.ts';
import { Settling } from './messages/settling.ts';
import { StorageQuota } from './messages/storage-quota.ts';
import { Publisher } from './publisher.ts';
import { RateGate } from './rate-gate.ts';
import { KeyedTurns } from './rooms/keyed-turns.ts';
import { Membership } from './rooms/membership.ts';
import { Moderation } from './rooms/moderation.ts';
import { PasswordAttempts } from './rooms/password-attempts.ts';
import { GatheringPresenceFeed } from './rooms/presence-feed.ts';
import { RoomActs } from './rooms/room-acts.ts';
import { RoomChores } from './rooms/room-chores.ts';
import { RoomDirectory } from './rooms/room-directory.ts';
import { RoomMembers } from './rooms/room-members.ts';
import { RoomOwning } from './rooms/room-owning.ts';
import { RoomPresences } from './rooms/room-presences.ts';
import { RoomReading } from './rooms/room-reading.ts';
import { RoomRepairs } from './rooms/room-repairs.ts';
import { RoomRoles } from './rooms/room-roles.ts';
import { RoomViews } from './rooms/room-views.ts';
import { RosterAnnouncer } from './rooms/roster-announcer.ts';
import { RosterUpdating } from './rooms/roster-updating.ts';
import type { ServiceParts } from './service-parts.ts';

/** Wires the use cases of one node. Nothing is read or begun before start(). */
export function createServices(parts: ServiceParts): Services {
  const background = new Background(parts.telemetry);
  const publisher = new Publisher(parts.relay.broker, background, parts.telemetry);
  const secrets = new ClusterSecretBook(parts.stores.secrets);
  const core = createCore(parts, background, publisher, secrets);
  const presence = new GatheringPresenceFeed(publisher);
  const administration = createAdmin(parts, core);
  const settling = new Settling({ ...core, messages: parts.stores.messages, rooms: parts.stores.rooms });
  return {
    accounts: createAccounts(parts, core),
    rooms: createRooms(parts, core),
    posting: createPosting(parts, core, settling),
    history: new RoomHistory({
      messages: parts.stores.messages,
      rooms: parts.stores.rooms,
      views: core.views,
      settling,
      wallClock: parts.clock,
    }),
    presence,
    administration,
    async start() {
      await secrets.start();
      core.chores.start();
      parts.relay.presence.onChange((changes) => presence.note(changes));
      core.aftermath.start();
    },
    async close() {
      presence.close();
      administration.close();
      await background.close();
      await keepPositions(parts.relay.clock, parts.stores.rooms, parts.telemetry);
    },
  };
}

interface Core extends Pick<ServiceParts, 'clock' | 'telemetry'> {
  readonly background: Background;
  readonly publisher: Publisher;
  readonly secrets: ClusterSecretBook;
  readonly decoys: Decoys;
  readonly gate: RateGate;
  readonly seen: RoomSeen;
  readonly identities: IdentityBook;
  readonly announcer: RosterAnnouncer;
  readonly repairs: RoomRepairs;
  readonly chores: RoomChores;
  readonly keeper: ClockKeeper;
  readonly views: RoomViews;
  readonly updating: RosterUpdating;
  readonly revocations: RevocationBook;
  readonly aftermath: AccountAftermath;
  readonly invitations: Invitations;
}

/** What several use cases share. */
function createCore(
  { stores, relay, limits, telemetry, clock }: ServiceParts,
  background: Background,
  publisher: Publisher,
  secrets: ClusterSecretBook,
): Core {
  const seen = new RoomSeen();
  const identities = new IdentityBook(stores.identities);
  const announcer = new RosterAnnouncer(publisher, identities, telemetry);
  const { rooms, messages } = stores;
  const chores = new RoomChores({
    rooms,
    messages,
    background,
    telemetry,
    endRoom: (room) => repairs.endRoom(room),
  });
  const repairs: RoomRepairs = new RoomRepairs({
    clock: relay.clock,
    rooms,
    messages,
    announcer,
    chores,
    seen,
    background,
  });
  const keeper = new ClockKeeper({ clock: relay.clock, messages, seen, telemetry });
  const views = new RoomViews({
    rooms,
    clock: relay.clock,
    keeper,
    seen,
    repairs,
    turns: new FairTurns(limits.backendTimeoutMs),
  });
  const decoys = new Decoys(secrets);
  const gate = new RateGate(relay.limits, telemetry);
  const updating = new RosterUpdating({ rooms, keeper, views, announcer, repairs });
  const { identities: store } = stores;
  const revocations = new RevocationBook({ store, cache: relay.revocations, publisher, clock });
  const changing = { rooms, views, updating, repairs, revocations, background, clock };
  const aftermath = new AccountAftermath({ ...changing, identities: store });
  const invitations = new Invitations(stores.invites, gate, limits, clock);
  const shared = { background, publisher, secrets, decoys, gate, seen, identities, invitations };
  const actions = { announcer, chores, repairs, updating, revocations, aftermath };
  return { ...shared, ...actions, keeper, views, clock, telemetry };
}

function createAccounts({ stores, limits, clock }: ServiceParts, core: Core): Accounts {
  const { identities } = stores;
  const { gate, decoys, revocations, aftermath, invitations } = core;
  const tokens = new ResumeTokens(core.secrets);
  const registration = new Registration({ identities, invitations, gate, limits, clock });
  const login = new Login({ identities, decoys, tokens, gate, limits, aftermath, clock });
  const sessions = new AccountSessions({ identities, tokens, revocations, gate, limits, clock });
  const rotation = new KeyRotation({ identities, revocations, aftermath, gate, limits, clock });
  const closing = new AccountClosing({ identities, revocations, aftermath, clock });
  return {
    register: (greeting, address, body) => registration.register(greeting, address, body),
    challenge: (greeting, address, body) => login.challenge(greeting, address, body),
    answer: (_greeting, pending, body) => login.answer(pending, body),
    resume: (greeting, body) => sessions.resume(greeting, body),
    logout: (greeting, caller, body) => sessions.logout(greeting, caller, body),
    rotate: (greeting, caller, body) => rotation.rotate(greeting, caller, body),
    closeAccount: (greeting, caller, body) => closing.close(greeting, caller, body),
    identity: (caller, body) => sessions.identity(caller, body),
  };
}

function createAdmin({ stores, relay, clock }: ServiceParts, core: Core): Administration {
  const { identities, rooms, messages } = stores;
  const { revocations, repairs, invitations, publisher, background } = core;
  return createAdministration({
    orders: new NodeOrders(relay.nodes, relay.broker),
    accounts: new AccountControl({ identities, revocations, clock }),
    purging: new RoomPurging({ rooms, messages, repairs }),
    invitations,
    rotation: new SecretRotation({ book: core.secrets, publisher, background, clock }),
  });
}

function createRooms({ stores, relay, limits, clock }: ServiceParts, core: Core): Rooms {
  const { rooms } = stores;
  const { views, identities, aftermath, updating } = core;
  const turns = new KeyedTurns(() => clock.nowMs());
  const membership = new Membership({
    ...core,
    rooms,
    turns,
    limits,
    attempts: new PasswordAttempts(core.gate, limits, core.background),
    clock: relay.clock,
    wallClock: clock,
  });
  const reading = new RoomReading({ ...core, rooms, clock: relay.clock });
  const presences = new RoomPresences(relay.presence);
  const directory = new RoomDirectory(relay.presence, rooms, clock);
  const members = new RoomMembers(views, rooms, identities);
  const acts = new RoomActs({ ...core, turns, limits });
  const moderation = new Moderation({ acts, updating, identities, wallClock: clock });
  const roles = new RoomRoles({ acts, updating, wallClock: clock });
  const owning = new RoomOwning({ ...core, rooms, acts, updating, wallClock: clock });
  return {
    create: async (caller, body) => {
      const outcome = await membership.create(caller, body);
      if (!isRefusal(outcome)) aftermath.joined(caller.user, outcome.info.room);
      return outcome;
    },
    join: async (caller, body) => {
      const outcome = await membership.join(caller, body);
      if (!isRefusal(outcome)) aftermath.joined(caller.user, outcome.info.room);
      return outcome;
    },
    leave: (caller, body) => membership.leave(caller, body),
    rename: (caller, body) => owning.rename(caller, body),
    update: (caller, body) => owning.update(caller, body),
    delete: (caller, body) => owning.delete(caller, body),
    kick: (caller, body) => moderation.kick(caller, body),
    ban: (caller, body) => moderation.ban(caller, body),
    unban: (caller, body) => moderation.unban(caller, body),
    bans: (caller, body) => moderation.bans(caller, body),
    grant: (caller, body) => roles.grant(caller, body),
    revoke: (caller, body) => roles.revoke(caller, body),
    lookup: (caller, body) => reading.lookup(caller, body),
    list: (caller, body) => directory.list(caller, body),
    mine: (caller, body) => reading.mine(caller, body),
    members: (caller, body) => members.page(caller, body),
    enter: (caller, entered) => reading.enter(caller, entered),
    presence: (room, version) => presences.at(room, version),
    current: async (asked) => (await views.currentOf(asked)).map((found) => found?.view),
  };
}

function createPosting(
  { stores, relay, limits, clock }: ServiceParts,
  core: Core,
  settling: Settling,
): RoomPosting {
  const { background, views, seen, keeper, telemetry, publisher } = core;
  const { rooms, messages } = stores;
  const runs = new PositionRuns(clock);
  const taking = { keeper, views, seen, settling, runs, background };
  const taker = new PositionTaker({ ...taking, clock: relay.clock, rooms });
  return new RoomPosting({
    clock: relay.clock,
    views,
    seen,
    taker,
    batcher: new AppendBatcher(messages, telemetry),
    publishing: new MessagePublishing(publisher, messages, clock),
    rates: new MessageRates(limits, telemetry, clock),
    quota: new StorageQuota(core.gate, limits),
    telemetry,
  });
}
