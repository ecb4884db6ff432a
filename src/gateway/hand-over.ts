import { randomUUID } from 'node:crypto';
import type { RelayBackend, StoreBackend } from '../ports/backend.ts';
import type { ReadyMarks } from '../ports/ready-marks.ts';
import type { Telemetry } from '../ports/telemetry.ts';

const STEP_MS = 1_000;
/** A node that is ready says so on every second step. */
const MARK_EVERY_STEPS = 2;
/** A node whose mark did not rise for so long may have lost the same by now. */
const FRESH_MS = 5_000;

export interface HandOverParts {
  readonly relay: Pick<RelayBackend, 'isUp' | 'readyMarks'>;
  readonly stores: Pick<StoreBackend, 'isUp' | 'readyMarks'>;
  readonly telemetry: Telemetry;
  /** Until then a fault may pass, and others may be about to notice it, too. 0: never. */
  readonly afterMs: number;
  /** Over which all sessions are moved. */
  readonly overMs: number;
  readonly sessionCount: () => number;
  /** Begins to move at most so many sessions elsewhere, within about a second. */
  readonly shed: (count: number) => void;
}

/** What this node knows of the others since it lost one of the backing services. */
interface Fault {
  readonly missing: 'broker' | 'stores';
  readonly sinceMs: number;
  readonly marks: Map<string, number>;
  /** When some other node was last seen to be ready. */
  othersReadyAtMs: number;
  /** Moved in one step; 0 before it begins. */
  perStep: number;
}

/**
 * Moves the clients of a node elsewhere, at the pace of a drain, when it alone lost Redis or MongoDB. That it is alone, it
 * sees in the other service: nodes that are ready set marks in both, and one that goes on setting them long after this
 * node's loss has what this one lacks. Where all lost the same service no mark rises, and clients stay where they are;
 * likewise where a node lost both, since nothing is left to tell it about the others.
 */
export class HandOver {
  readonly #parts: HandOverParts;
  readonly #node = randomUUID();
  #steps = 0;
  #fault: Fault | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** To be called once, when the backing services are up. Does nothing where a node is alone by its nature. */
  start(): void {
    const { afterMs, relay, stores } = this.#parts;
    if (afterMs === 0 || relay.readyMarks === undefined || stores.readyMarks === undefined) return;
    this.#next();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #next(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#step().then(
        () => this.#next(),
        // The service that was to tell is away as well: a moment later it may not be.
        () => this.#next(),
      );
    }, STEP_MS);
  }

  async #step(): Promise<void> {
    const { relay, stores } = this.#parts;
    const [hasBroker, hasStores] = [relay.isUp(), stores.isUp()];
    if (hasBroker && hasStores) {
      this.#end();
      this.#steps += 1;
      if (this.#steps % MARK_EVERY_STEPS !== 0) return;
      await Promise.all([relay.readyMarks?.set(this.#node), stores.readyMarks?.set(this.#node)]);
    } else if (hasBroker) await this.#look('stores', relay.readyMarks);
    else if (hasStores) await this.#look('broker', stores.readyMarks);
    else this.#end();
  }

  /** `witness`: in the service that is left. */
  async #look(missing: Fault['missing'], witness: ReadyMarks | undefined): Promise<void> {
    const marks = (await witness?.all()) ?? new Map<string, number>();
    if (this.#closed) return;
    const nowMs = performance.now();
    if (this.#fault?.missing !== missing) {
      this.#end();
      this.#fault = {
        missing,
        sinceMs: nowMs,
        marks: new Map(marks),
        othersReadyAtMs: Number.NEGATIVE_INFINITY,
        perStep: 0,
      };
      return;
    }
    const fault = this.#fault;
    for (const [node, mark] of marks) {
      const before = fault.marks.get(node);
      if (node !== this.#node && before !== mark && nowMs - fault.sinceMs >= this.#parts.afterMs)
        fault.othersReadyAtMs = nowMs;
      fault.marks.set(node, mark);
    }
    if (nowMs - fault.othersReadyAtMs < FRESH_MS) this.#move(fault);
  }

  #move(fault: Fault): void {
    const { overMs, sessionCount, shed, telemetry } = this.#parts;
    const count = sessionCount();
    if (fault.perStep === 0) {
      fault.perStep = Math.max(1, Math.ceil((count * STEP_MS) / Math.max(STEP_MS, overMs)));
      telemetry.warn('hand_over_began', undefined, { missing: fault.missing, sessions: count });
    }
    if (count > 0) shed(fault.perStep);
  }

  /** It has both again, or lost both. */
  #end(): void {
    if (this.#fault !== undefined && this.#fault.perStep > 0)
      this.#parts.telemetry.info('hand_over_ended', { sessions: this.#parts.sessionCount() });
    this.#fault = undefined;
  }
}
