import { toHex } from '../../../src/protocol/bytes.ts';
import { isRoomLife, parseRoomLife, type RoomLife } from '../../../src/protocol/layouts/room-life.ts';
import { EXPIRES_MAX, EXPIRES_MIN, ROOM_LIFE_STEP_MAX } from '../../../src/protocol/limits.ts';
import { signRoomLife } from '../../crypto/room-life.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { People } from '../people/people.ts';
import { Turns } from '../turns.ts';
import type { LifeFault } from './life-fault.ts';
import { LifeJudge, type LifeJudgeOptions } from './life-judge.ts';
import { lifeText } from './message-life.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomChange } from './room-events.ts';

/** So often a client gives a server the life of an open room again: more is no accident. */
export const MENDS_MAX = 16;

export interface LifeKeeperOptions extends LifeJudgeOptions {
  readonly people: People;
  readonly link: Link;
  readonly book: RoomBook;
  readonly changes: Broadcast<RoomChange>;
  readonly notices: Broadcast<Notice>;
  readonly timeoutMs: number | undefined;
}

/** How long messages of one room stay by default: what its owner signed, as this profile has pinned it. */
export class LifeKeeper {
  readonly #options: LifeKeeperOptions;
  readonly #judge: LifeJudge;
  /** One look at a time: each decides by what the one before pinned. */
  readonly #turns = new Turns();
  #seconds = 0;
  /** What people were told of since a life was taken: each kind once, whatever the server makes of it. */
  readonly #toldFaults = new Set<LifeFault>();
  /** What the server showed when it was given a life: each once. */
  readonly #mended = new Set<string>();

  constructor(options: LifeKeeperOptions) {
    this.#options = options;
    this.#judge = new LifeJudge(options);
  }

  /** After a message was shown; 0: messages stay. As it was found last. */
  get seconds(): number {
    return this.#seconds;
  }

  /** What the profile has pinned; the server is not asked. */
  async load(): Promise<Uint8Array | undefined> {
    const { book, state } = this.#options;
    const pinned = await book.pins.lifeOf(state.info.room);
    this.#seconds = lifeIn(pinned)?.seconds ?? 0;
    return pinned;
  }

  /** For a message that is sent now. What could not be looked at is as if it was not shown. */
  async forSending(): Promise<number> {
    await this.look().catch(nothingOnRefusal);
    return this.#seconds;
  }

  /** Looks at what the server shows. Rejects when the members can't be read now. */
  look(): Promise<void> {
    return this.#turns.run(() => this.#look());
  }

  /** Signs another one; 0: messages stay. Rejects with `forbidden`, `usage`. */
  async set(seconds: number): Promise<void> {
    const { state } = this.#options;
    if (!isRoomLife(seconds))
      throw localError('usage', 'bad_life', { least: lifeText(EXPIRES_MIN), most: lifeText(EXPIRES_MAX) });
    if (state.direct !== undefined) throw localError('forbidden', 'life_of_direct', { room: state.name });
    if (state.info.role !== 'owner') throw localError('forbidden', 'life_of_owner', { room: state.name });
    await this.look();
    await this.#turns.run(async () => {
      const number = lifeIn(await this.load())?.number;
      await this.#put(await this.#signed(seconds, number));
    });
  }

  async #look(): Promise<void> {
    const { link, state } = this.#options;
    const told = state.info.life;
    const pinned = await this.load();
    // A gateway of an earlier release shows none, whatever the room has.
    if (told === undefined && !link.has('room-life')) return;
    const verdict = await this.#judge.judge(told, pinned);
    if (told !== undefined && verdict !== 'same' && 'taken' in verdict) {
      await this.#take(told, verdict.taken);
      return this.#mend(told, told).catch(nothingOnRefusal);
    }
    if (verdict !== 'same' && 'fault' in verdict) this.#tellFault(verdict.fault);
    await this.#mend(told, pinned).catch(nothingOnRefusal);
  }

  /** Pins it, and tells of it if it says something else than the one before. */
  async #take(bytes: Uint8Array, { number, seconds, user: id }: RoomLife): Promise<void> {
    const { account, book, people, roster, state } = this.#options;
    const before = this.#seconds;
    this.#toldFaults.clear();
    await book.pins.putLife(state.info.room, bytes, number);
    await this.load();
    if (before === this.#seconds) return;
    const listed = (await roster.current()).members.find((member) => member.user === id)?.name;
    const user = id === account.user ? account.name : await people.nameOf(id, listed);
    this.#tell({ type: 'life-changed', room: state.name, user, id, seconds });
  }

  #tellFault(kind: LifeFault): void {
    // That messages stay is so without a setting, too.
    if (kind === 'gone' && this.#seconds === 0) return;
    if (this.#toldFaults.has(kind)) return;
    this.#toldFaults.add(kind);
    this.#tell({ type: 'life-refused', room: this.#options.state.name, kind, seconds: this.#seconds });
  }

  /** Where somebody listens to the room, else to the client. */
  #tell(change: Extract<RoomChange, { readonly type: 'life-changed' | 'life-refused' }>): void {
    const { changes, notices } = this.#options;
    if (changes.hasReaders) changes.tell(change);
    else notices.tell(change);
  }

  /**
   * The owner's client gives a server that lost the pinned life, or shows another, that one again. One that a former owner signed, or
   * a former key of the owner's, it signs anew with the next number: nobody who comes later takes it otherwise. Once for each.
   */
  async #mend(told: Uint8Array | undefined, pinned: Uint8Array | undefined): Promise<void> {
    const { account, link, state } = this.#options;
    const life = lifeIn(pinned);
    if (pinned === undefined || life === undefined) return;
    if (state.info.role !== 'owner' || state.direct !== undefined || !link.has('room-life')) return;
    const isOwn = life.user === account.user && life.fingerprint === account.current.ready.fingerprint;
    const shown = told === undefined ? '' : toHex(told);
    if (isOwn && shown === toHex(pinned)) return;
    if (this.#mended.has(shown) || this.#mended.size >= MENDS_MAX) return;
    this.#mended.add(shown);
    const isBehind = (lifeIn(told)?.number ?? 0) < life.number;
    await this.#put(isOwn && isBehind ? pinned : await this.#signed(life.seconds, life.number));
  }

  async #put(life: Uint8Array): Promise<void> {
    const { link, state, timeoutMs } = this.#options;
    await link.request('update', { room: state.info.room, life }, { timeoutMs });
    const signed = lifeIn(life);
    if (signed !== undefined) await this.#take(life, signed);
    state.setLife(life);
  }

  /** The next one after that with the number `known`. A number that the server shows counts as far as a client would follow it. */
  async #signed(seconds: number, known: number | undefined): Promise<Uint8Array> {
    const { account, state } = this.#options;
    const { room, life: told } = state.info;
    const shown = lifeIn(told)?.number ?? 0;
    const isNear = known === undefined || shown <= known + ROOM_LIFE_STEP_MAX;
    const number = Math.max(known ?? 0, isNear ? shown : 0) + 1;
    return signRoomLife(account.current.ready, { room, user: account.user, number, seconds });
  }
}

const lifeIn = (bytes: Uint8Array | undefined): RoomLife | undefined =>
  bytes === undefined ? undefined : parseRoomLife(bytes)?.life;

/** What the server did not answer now is looked at again by whoever needs it next. */
function nothingOnRefusal(error: unknown): void {
  if (!(error instanceof ConclaveError)) throw error;
}
