/** What one member got of a room. */
export interface Received {
  /** Positions that are not judged yet. */
  readonly positions: Set<number>;
  /** Highest position so far. */
  last: number;
  /** Nothing up to here is missed: it was away, and the room stores nothing. */
  excusedThrough: number;
}

export type Noted = 'new' | 'repeat' | 'late';

/**
 * Holds what was acknowledged against what every member got. A position is judged once, some time after its
 * acknowledgement, and then forgotten, so that a load of days needs no more memory than one of minutes.
 */
export class RoomLedger {
  /** Acknowledged and not judged: when, in ms, by position. */
  readonly #acknowledged = new Map<number, number>();
  /** By message id, those that are not judged. */
  readonly #positionOf = new Map<string, number>();
  readonly #idAt = new Map<number, string>();
  #judgedThrough = 0;

  /** The server took a message at this position. */
  acknowledge(position: number, atMs: number): void {
    if (position > this.#judgedThrough) this.#acknowledged.set(position, atMs);
  }

  note(received: Received, position: number): Noted {
    if (position <= this.#judgedThrough || received.positions.has(position)) return 'repeat';
    received.positions.add(position);
    if (position < received.last) return 'late';
    received.last = position;
    return 'new';
  }

  /** True when this position was not seen yet by any member. */
  isUnseen(position: number): boolean {
    return position > this.#judgedThrough && !this.#idAt.has(position);
  }

  /** Which message is at an unseen position. True: it is at another position as well. */
  isDuplicate(position: number, messageId: string): boolean {
    const known = this.#positionOf.get(messageId);
    this.#idAt.set(position, messageId);
    this.#positionOf.set(messageId, position);
    return known !== undefined && known !== position;
  }

  /** How many of the acknowledged positions some of these members lack. */
  missing(members: readonly Received[]): number {
    let missing = 0;
    for (const position of this.#acknowledged.keys()) {
      for (const member of members) if (lacks(member, position)) missing += 1;
    }
    return missing;
  }

  /** Judges what was acknowledged before `beforeMs`; gives how many copies are lost. */
  judge(members: readonly Received[], beforeMs: number): number {
    let lost = 0;
    let through = this.#judgedThrough;
    for (const [position, atMs] of this.#acknowledged) {
      if (atMs >= beforeMs) continue;
      for (const member of members) if (lacks(member, position)) lost += 1;
      this.#acknowledged.delete(position);
      through = Math.max(through, position);
    }
    if (through > this.#judgedThrough) this.#forget(members, through);
    return lost;
  }

  /** Positions up to `through` are judged, but for acknowledged ones that are younger. */
  #forget(members: readonly Received[], through: number): void {
    let oldestOpen = Number.POSITIVE_INFINITY;
    for (const position of this.#acknowledged.keys()) oldestOpen = Math.min(oldestOpen, position);
    this.#judgedThrough = Math.min(through, oldestOpen - 1);
    for (const { positions } of members) {
      for (const position of positions) if (position <= this.#judgedThrough) positions.delete(position);
    }
    for (const [position, id] of this.#idAt) {
      if (position > this.#judgedThrough) continue;
      this.#idAt.delete(position);
      this.#positionOf.delete(id);
    }
  }
}

function lacks({ positions, excusedThrough }: Received, position: number): boolean {
  return position > excusedThrough && !positions.has(position);
}
