import { sameBytes } from '../../../src/protocol/bytes.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import {
  encodeUserState,
  NOTIFY_DEFAULT,
  type NotifyLevel,
  parseUserState,
  type UserState,
} from '../../../src/protocol/layouts/user-state.ts';
import { USER_STATE_IGNORED_MAX, USER_STATE_ROOMS_MAX } from '../../../src/protocol/limits.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { ReplyBody } from '../../../src/protocol/requests.ts';
import { openUserState, sealUserState, userStateKey } from '../../crypto/user-state.ts';
import { sha256 } from '../../crypto/web-crypto.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import { Schedule } from '../connection/schedule.ts';
import { hasCode, localError } from '../errors.ts';
import { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { OwnKeys } from '../people/own-keys.ts';
import type { RoomBook } from '../rooms/room-book.ts';
import type { StateStore } from '../storage/state-store.ts';
import { changed, emptyState, nextCounter } from './merge-state.ts';
import { StateBook, type StatePin } from './state-book.ts';
import {
  type EarlierSettings,
  type FollowedState,
  type StateStanding,
  settingsOf,
  type UserSettings,
} from './user-settings.ts';

/** A burst of changes is one write; writes of one device are at least so far apart. */
const AFTER_CHANGE_MS = 2_000;
const WRITE_EVERY_MS = 15_000;
/** Devices that hear of a new version, or come back together, do not ask together. */
const [AFTER_EVENT_MS, AFTER_RESUME_MS] = [500, 30_000];
/** A server that cannot answer by then is asked again later, whatever other requests wait for. Nobody sees that it is asked, unless they did. */
const ANSWER_MS_MAX = 10_000;
const AWAITED = { timeoutMs: ANSWER_MS_MAX, unseen: false };
const UNSEEN = { ...AWAITED, unseen: true };
/** How long the beginning waits for the server, and how long a client that is closed may still take to store what changed. */
const [BEGIN_MS_MAX, AT_CLOSE_MS_MAX] = [3_000, 1_000];
/** Other devices may store theirs in between. */
const TRIES_MAX = 3;
/** Versions that a device can have missed: more than all devices of a user store in a lifetime. */
const VERSIONS_AHEAD_MAX: number = 2 ** 32;

type Stored = NonNullable<ReplyBody<'state'>['state']>;

interface StateKeeperOptions {
  readonly origin: Origin;
  readonly account: OwnKeys;
  /** Of the profile; what is written through it does not come back as a change. */
  readonly state: StateStore;
  readonly book: Pick<RoomBook, 'list'>;
  readonly link: Link;
  readonly clock: Clock;
  readonly notices: Pick<Broadcast<Notice>, 'tell'>;
}

/** Keeps the settings of a user in step with those of the user's other devices: PROTOCOL.md, section 18. */
export class StateKeeper implements FollowedState {
  readonly #options: StateKeeperOptions;
  readonly #book: StateBook;
  readonly #schedule: Schedule;
  readonly #readers = new Broadcast<UserSettings>({ entriesMax: 1 });
  readonly #told = new Set<string>();
  #standing: StateStanding = { kind: 'kept' };
  #isFollowed = false;
  /** Something is here that may not be at the server. */
  #isChanged = false;
  #isClosed = false;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(options: StateKeeperOptions) {
    this.#options = options;
    this.#book = new StateBook(options.state, options.book);
    this.#schedule = new Schedule(options.clock, () => this.#lookAgain());
  }

  async begin({ levels, ignored }: EarlierSettings): Promise<UserSettings> {
    this.#isFollowed = true;
    if ((await this.#book.pin()) === undefined)
      await this.#book.merge(() => ({
        ...emptyState,
        levels: new Map([...levels].map(([room, level]) => [room, changed(level, 1)])),
        ignored: new Map([...ignored].map((name) => [name, changed(true, 1)])),
      }));
    const { link } = this.#options;
    // What it does not know by then, it tells of later.
    if (link.status.state === 'online')
      await link.limited(BEGIN_MS_MAX, this.#look()).catch(() => this.#lookWithin(AFTER_CHANGE_MS));
    return this.known();
  }

  async known(): Promise<UserSettings> {
    return settingsOf(await this.#book.read());
  }

  changes(): AsyncIterableIterator<UserSettings> {
    return this.#readers.follow();
  }

  setLevel(room: RoomId, level: NotifyLevel): Promise<UserSettings> {
    return this.#change((state) => ({ levels: new Map([[room, changed(level, nextCounter(state))]]) }));
  }

  async setIgnored(user: UserName, ignored: boolean): Promise<UserSettings> {
    const name = foldName(user);
    const { ignored: known } = await this.#book.read();
    if (!known.has(name) && known.size >= USER_STATE_IGNORED_MAX)
      throw localError('too_large', 'ignored_full', { max: USER_STATE_IGNORED_MAX });
    return this.#change((state) => ({ ignored: new Map([[name, changed(ignored, nextCounter(state))]]) }));
  }

  setOrder(rooms: readonly RoomId[]): Promise<UserSettings> {
    const order = rooms.slice(0, USER_STATE_ROOMS_MAX);
    return this.#change((state) => ({ order: changed(order, nextCounter(state)) }));
  }

  async forgetRoom(room: RoomId): Promise<void> {
    const { levels } = await this.#book.read();
    if ((levels.get(room)?.value ?? NOTIFY_DEFAULT) !== NOTIFY_DEFAULT)
      await this.setLevel(room, NOTIFY_DEFAULT);
  }

  async standing(agreed?: number): Promise<StateStanding> {
    // Rejects with what the server lacks.
    if (!this.#options.link.has('state')) await this.#options.link.request('state', {}, AWAITED);
    await this.#look(agreed, AWAITED);
    return this.#standing;
  }

  async replace(version: number): Promise<StateStanding> {
    const { version: known = 0 } = (await this.#book.pin()) ?? {};
    // It would use up the numbers of all devices, and no honest server is there.
    if (version > known + VERSIONS_AHEAD_MAX) throw localError('usage', 'state_beyond');
    return this.standing(version);
  }

  /** A session is open. */
  opened(by: 'login' | 'resume'): void {
    if (this.#isFollowed)
      this.#lookWithin(by === 'login' ? 0 : this.#options.clock.random() * AFTER_RESUME_MS);
  }

  /** Another session stored a version. */
  heard(): void {
    if (this.#isFollowed) this.#lookWithin(this.#options.clock.random() * AFTER_EVENT_MS);
  }

  /** Something was read here. */
  read(): void {
    if (this.#isFollowed) this.#changed();
  }

  /** The keys were replaced: what the former ones open is sealed again. */
  rotated(): void {
    this.#isChanged = true;
  }

  /** To be called while the link is still open. What cannot be stored now is left to the next client. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#schedule.cancel();
    this.#readers.end();
    const { link } = this.#options;
    if (this.#isChanged && link.status.state === 'online')
      await link.limited(AT_CLOSE_MS_MAX, this.#look()).catch(() => undefined);
  }

  async #change(change: (state: UserState) => Partial<UserState>): Promise<UserSettings> {
    const settings = settingsOf(await this.#book.merge((state) => ({ ...emptyState, ...change(state) })));
    this.#readers.tell(settings);
    this.#changed();
    return settings;
  }

  #changed(): void {
    this.#isChanged = true;
    const pauseMs = this.#writtenAt + WRITE_EVERY_MS - this.#options.clock.now();
    this.#lookWithin(Math.max(AFTER_CHANGE_MS, pauseMs));
  }

  #lookWithin(ms: number): void {
    if (!this.#isClosed) this.#schedule.within(ms);
  }

  async #lookAgain(): Promise<void> {
    await this.#look().catch(() => {
      if (this.#options.link.status.state === 'online') this.#lookWithin(WRITE_EVERY_MS);
    });
  }

  /** Reads what the server has, and stores what it lacks. `agreed`: the version of a record that may be replaced though it is refused. */
  async #look(agreed?: number, how = UNSEEN): Promise<void> {
    const { link } = this.#options;
    if (!link.has('state')) return;
    if (!this.#isFollowed && (await this.#book.pin()) === undefined) return;
    const hadChanged = this.#isChanged;
    this.#isChanged = false;
    try {
      for (let tries = 0; tries < TRIES_MAX; tries += 1) if (await this.#settled(agreed, how)) return;
      this.#changed();
    } catch (error) {
      this.#isChanged ||= hadChanged;
      throw error;
    }
  }

  /** False when another device stored a version in between. */
  async #settled(agreed: number | undefined, how: typeof UNSEEN): Promise<boolean> {
    const { account, link } = this.#options;
    const pin = await this.#book.pin();
    const body = pin === undefined || pin.version === 0 ? {} : { known: pin.version };
    const { state: stored } = await link.request('state', body, how);
    const read = await this.#taken(stored, pin);
    if (read === 'refused' || read === 'newer') {
      const version = stored?.version ?? 0;
      this.#standing = { kind: read, version };
      if (version !== agreed) {
        this.#warn(read);
        return true;
      }
    }
    const { sequence } = account.current.verified.document;
    const state = await this.#book.read();
    this.#readers.tell(settingsOf(state));
    const content = encodeUserState(await this.#book.fitting(state));
    const digest = await sha256(content);
    const isSame = read instanceof Uint8Array && stored?.sequence === sequence && sameBytes(read, digest);
    const isKept = isSame || (stored === undefined && sameBytes(content, encodeUserState(emptyState)));
    if (!isKept && !(await this.#written({ content, digest, sequence }, stored, pin))) return false;
    this.#standing = { kind: 'kept' };
    for (const kind of ['refused', 'newer']) this.#told.delete(kind);
    return true;
  }

  /** The digest of what the server has, once it is merged into the profile; undefined when it has nothing, or nothing that counts. */
  async #taken(
    stored: Stored | undefined,
    pin: StatePin | undefined,
  ): Promise<Uint8Array | 'refused' | 'newer' | undefined> {
    const known = pin ?? { version: 0, sequence: 0 };
    const isBack = (stored?.version ?? 0) < known.version || (stored?.sequence ?? 0) < known.sequence;
    if (isBack) this.#warn('rolled_back');
    // A number so high would leave none for the versions after it.
    if ((stored?.version ?? 0) > known.version + VERSIONS_AHEAD_MAX) return 'refused';
    // Sealed by keys that were replaced since, which may be why they were: it is replaced, and not believed.
    if (stored === undefined || stored.sequence < known.sequence) return undefined;
    const { version, sequence, data } = stored;
    if (data === undefined) return version === pin?.version ? pin.digest : 'refused';
    const content = await this.#opened(stored, data);
    if (content === 'newer') return 'newer';
    const state = content === undefined ? undefined : parseUserState(content);
    if (content === undefined || state === undefined) return 'refused';
    const digest = await sha256(content);
    await this.#book.merge(() => state);
    await this.#book.keep({ version, sequence, digest });
    return digest;
  }

  async #opened({ version, sequence }: Stored, data: Uint8Array): Promise<Uint8Array | 'newer' | undefined> {
    const { account, origin } = this.#options;
    const own = account.identities.find(({ verified }) => verified.document.sequence === sequence);
    if (own === undefined) return undefined;
    return openUserState(await userStateKey(own.keys), { origin, user: account.user, version }, data);
  }

  async #written(
    { content, digest, sequence }: Omit<StatePin, 'version'> & { readonly content: Uint8Array },
    stored: Stored | undefined,
    pin: StatePin | undefined,
  ): Promise<boolean> {
    const { account, clock, link, origin } = this.#options;
    const before = stored?.version ?? 0;
    const version = Math.max(before, pin?.version ?? 0) + 1;
    const key = await userStateKey(account.current.keys);
    const data = await sealUserState(key, { origin, user: account.user, version }, content);
    try {
      await link.request('put-state', { version, before, sequence, data }, UNSEEN);
    } catch (error) {
      if (hasCode(error, 'conflict')) return false;
      throw error;
    }
    this.#writtenAt = clock.now();
    await this.#book.keep({ version, sequence, digest });
    return true;
  }

  /** Once each while the client runs, or until what the server has opens again. */
  #warn(kind: 'refused' | 'newer' | 'rolled_back'): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#options.notices.tell({ type: 'state', kind });
  }
}
