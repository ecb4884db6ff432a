import { sameBytes, toHex } from '../../../src/protocol/bytes.ts';
import { isRoomLife, parseRoomLife, type RoomLife } from '../../../src/protocol/layouts/room-life.ts';
import { EXPIRES_MAX, EXPIRES_MIN, ROOM_LIFE_STEP_MAX } from '../../../src/protocol/limits.ts';
import { signRoomLife } from '../../crypto/room-life.ts';
import { lifeText } from '../../texts/message-life.ts';
import type { Link } from '../connection/link.ts';
import { ConclaveError, localError } from '../errors.ts';
import type { Broadcast } from '../event-queue.ts';
import type { Notice } from '../notice.ts';
import type { People } from '../people/people.ts';
import type { PinnedLife } from '../storage/records.ts';
import type { LifeFault } from './life-fault.ts';
import { LifeJudge, type LifeJudgeOptions } from './life-judge.ts';
import type { RoomBook } from './room-book.ts';
import type { RoomChange } from './room-events.ts';

/** So often a client gives a server the life of an open room again: more is no accident. */
export const MENDS_MAX = 16;

export interface LifeChangesOptions extends LifeJudgeOptions {
  readonly people: People;
  readonly link: Link;
  readonly book: RoomBook;
  readonly changes: Broadcast<RoomChange>;
  readonly notices: Broadcast<Notice>;
  readonly timeoutMs: number | undefined;
  /** What is pinned now. */
  load(): Promise<PinnedLife | undefined>;
}

/** What becomes of the life of one room: it is taken, refused, set, or given to the server again. One thing at a time. */
export class LifeChanges {
  readonly #options: LifeChangesOptions;
  readonly #judge: LifeJudge;
  /** What people were told of since a life was taken: each kind once, whatever the server makes of it. */
  readonly #toldFaults = new Set<LifeFault>();
  /** What the server showed when it was given a life: each once. */
  readonly #mended = new Set<string>();

  constructor(options: LifeChangesOptions) {
    this.#options = options;
    this.#judge = new LifeJudge(options);
  }

  /** `told`: what the server shows. Rejects when the members can't be read now. */
  async look(told: Uint8Array | undefined, pinned: PinnedLife | undefined): Promise<void> {
    const verdict = await this.#judge.judge(told, pinned);
    if (told !== undefined && verdict !== 'same' && 'taken' in verdict)
      await this.#take(told, verdict.taken, 'server');
    if (verdict !== 'same' && 'fault' in verdict) this.#tellFault(verdict.fault, pinned);
    try {
      await this.#mend(told);
    } catch (error) {
      // What the server did not take now, it may take when the room is entered the next time.
      if (!(error instanceof ConclaveError)) throw error;
    }
  }

  /** Rejects with `forbidden`, `usage`. */
  async set(seconds: number): Promise<void> {
    const { load, state } = this.#options;
    if (!isRoomLife(seconds))
      throw localError('usage', 'bad_life', { least: lifeText(EXPIRES_MIN), most: lifeText(EXPIRES_MAX) });
    if (state.direct !== undefined) throw localError('forbidden', 'life_of_direct', { room: state.name });
    if (state.info.role !== 'owner') throw localError('forbidden', 'life_of_owner', { room: state.name });
    await this.#put(await this.#signed(seconds, await load()));
  }

  /** Pins it, and tells of it if it says something else than the one before; whoever set it `here` knows already. */
  async #take(
    signed: Uint8Array,
    { number, seconds, user: id }: RoomLife,
    from: 'server' | 'here',
  ): Promise<void> {
    const { account, book, changes, load, people, roster, state } = this.#options;
    const before = (await load())?.seconds ?? 0;
    this.#toldFaults.clear();
    await book.pins.putLife(state.info.room, { number, seconds, signed });
    const after = (await load())?.seconds ?? 0;
    if (before === after) return;
    const listed = (await roster.current()).members.find((member) => member.user === id)?.name;
    const user = id === account.user ? account.name : await people.nameOf(id, listed);
    const change = { type: 'life-changed', room: state.name, user, id, seconds: after } as const;
    if (from === 'here') changes.tell(change);
    else this.#tell(change);
  }

  #tellFault(kind: LifeFault, pinned: PinnedLife | undefined): void {
    const seconds = pinned?.seconds ?? 0;
    // That messages stay is so without a setting, too.
    if ((kind === 'gone' && seconds === 0) || this.#toldFaults.has(kind)) return;
    this.#toldFaults.add(kind);
    this.#tell({ type: 'life-refused', room: this.#options.state.name, kind, seconds });
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
  async #mend(told: Uint8Array | undefined): Promise<void> {
    const { account, link, load, state } = this.#options;
    const pinned = await load();
    const life = lifeIn(pinned?.signed);
    if (pinned === undefined || life === undefined) return;
    if (state.info.role !== 'owner' || state.direct !== undefined || !link.has('room-life')) return;
    const isOwn = life.user === account.user && life.fingerprint === account.current.ready.fingerprint;
    if (isOwn && told !== undefined && sameBytes(told, pinned.signed)) return;
    const shown = told === undefined ? '' : toHex(told);
    if (this.#mended.has(shown) || this.#mended.size >= MENDS_MAX) return;
    this.#mended.add(shown);
    const isBehind = (lifeIn(told)?.number ?? 0) < life.number;
    await this.#put(isOwn && isBehind ? pinned.signed : await this.#signed(life.seconds, pinned));
  }

  async #put(signed: Uint8Array): Promise<void> {
    const { link, state, timeoutMs } = this.#options;
    await link.request('update', { room: state.info.room, life: signed }, { timeoutMs });
    const life = lifeIn(signed);
    if (life !== undefined) await this.#take(signed, life, 'here');
    state.setLife(signed);
  }

  /** The next one after the pinned one. A number that the server shows counts as far as a client would follow it. */
  async #signed(seconds: number, pinned: PinnedLife | undefined): Promise<Uint8Array> {
    const { account, state } = this.#options;
    const { room, life: told } = state.info;
    const known = pinned?.number ?? 0;
    const shown = lifeIn(told)?.number ?? 0;
    const isNear = pinned === undefined || shown <= known + ROOM_LIFE_STEP_MAX;
    const number = Math.max(known, isNear ? shown : 0) + 1;
    return signRoomLife(account.current.ready, { room, user: account.user, number, seconds });
  }
}

const lifeIn = (bytes: Uint8Array | undefined): RoomLife | undefined =>
  bytes === undefined ? undefined : parseRoomLife(bytes)?.life;
