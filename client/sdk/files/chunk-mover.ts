import { texts } from '../../texts/texts.ts';
import { Backoff } from '../connection/backoff.ts';
import type { Clock } from '../connection/clock.ts';
import type { Link } from '../connection/link.ts';
import type { Wait } from '../connection/waits.ts';
import { errorWith, localError } from '../errors.ts';
import type { ChunkOutcome } from './chunk-http.ts';
import { ChunkLanes } from './chunk-lanes.ts';
import { type TransferOptions, unlessAborted } from './file-source.ts';

/** Chunks of one file that are prepared or on their way at a time. Each takes half a MiB of memory. */
const CHUNKS_AT_ONCE = 4;
/** Attempts in a row that end without an answer, or with one that asks for patience. */
const ATTEMPTS_MAX = 60;
/** New tickets for one chunk: a server that refuses those that it just gave is no help. */
const TICKETS_MAX = 3;

export interface ChunkMoverOptions extends Pick<TransferOptions, 'isPatient'> {
  readonly link: Link;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Asks the server for another ticket. */
  readonly renew: () => Promise<Uint8Array>;
}

/** Tries a chunk again until it is moved or refused for good, with the newest ticket. */
export class ChunkMover {
  readonly #options: ChunkMoverOptions;
  readonly #lanes = new ChunkLanes(CHUNKS_AT_ONCE);
  #ticket: Uint8Array;
  #renewing: Promise<Uint8Array> | undefined;

  constructor(ticket: Uint8Array, options: ChunkMoverOptions) {
    this.#ticket = ticket;
    this.#options = options;
  }

  /** `gone` and `conflict` are for the caller. Rejects with ConclaveError, or the signal's reason. */
  move(attempt: (ticket: Uint8Array) => Promise<ChunkOutcome>): Promise<Uint8Array | 'gone' | 'conflict'> {
    return this.#options.link.waits.during((wait) => this.#move(attempt, wait));
  }

  async #move(
    attempt: (ticket: Uint8Array) => Promise<ChunkOutcome>,
    wait: Wait,
  ): Promise<Uint8Array | 'gone' | 'conflict'> {
    const { clock, isPatient = false, link, signal } = this.#options;
    const backoff = new Backoff(clock);
    let tickets = 0;
    for (let attempts = 1; ; attempts += 1) {
      // Meanwhile others get on: that is no wait for the server.
      if (await this.#lanes.enter(signal)) wait.lost();
      const ticket = this.#ticket;
      const outcome = await attempt(ticket).finally(() => this.#lanes.leave());
      switch (outcome.kind) {
        case 'done':
          this.#lanes.widen();
          return outcome.bytes;
        case 'gone':
        case 'conflict':
          return outcome.kind;
        case 'refused':
          throw errorWith('bad_request', texts.local.transfer_refused, { status: outcome.status });
        case 'ticket':
          tickets += 1;
          if (tickets > TICKETS_MAX)
            throw errorWith('bad_request', texts.local.transfer_refused, { status: 401 });
          await this.#renewed(ticket);
          break;
        case 'broken':
        case 'later':
          if (outcome.kind === 'broken') this.#lanes.narrow();
          if (!isPatient && attempts >= ATTEMPTS_MAX)
            throw localError('unavailable', 'transfer_failed', {}, outcome.cause);
          wait.refused(errorWith('unavailable', texts.heldUp.unavailable, {}, { cause: outcome.cause }));
          await unlessAborted(signal, link.pause(backoff.nextMs(outcome.pauseMs)));
          break;
        default:
          return outcome satisfies never;
      }
    }
  }

  /** Chunks that find the same ticket over wait for one new one. */
  async #renewed(over: Uint8Array): Promise<void> {
    if (this.#ticket !== over) return;
    this.#renewing ??= this.#options.renew().finally(() => {
      this.#renewing = undefined;
    });
    this.#ticket = await unlessAborted(this.#options.signal, this.#renewing);
  }
}

/**
 * Runs `begin` for all numbers, a few at a time, and hands what each gives to `take` in order. Rejects with the first failure, which
 * aborts `stop`, once nothing is under way any more: what waits for a server must not hold up the reason why the rest is in vain.
 */
export async function inOrder<T>(
  numbers: readonly number[],
  stop: AbortController,
  begin: (number: number) => Promise<T>,
  take: (result: T, number: number) => Promise<void> | void,
): Promise<void> {
  const underWay: Promise<T>[] = [];
  let begun = 0;
  try {
    for (const number of numbers) {
      for (; begun < numbers.length && underWay.length < CHUNKS_AT_ONCE; begun += 1) {
        const next = begin(numbers[begun] ?? 0);
        next.catch((error: unknown) => stop.abort(error));
        underWay.push(next);
      }
      const first = underWay.shift();
      if (first !== undefined) await take(await first, number);
    }
  } catch (error) {
    stop.abort(error);
    // What was under way before it may have failed of that.
    throw stop.signal.reason;
  } finally {
    await Promise.allSettled(underWay);
  }
}
