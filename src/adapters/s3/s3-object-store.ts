import pMap from 'p-map';
import { LogPace } from '../../domain/log-pace.ts';
import { retry } from '../../lib/retry.ts';
import { OBJECTS_LISTED_MAX, type ObjectStore, type StoredObject } from '../../ports/object-store.ts';
import type { S3Target } from '../../ports/targets.ts';
import type { BackendErrorReason, Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { adviceOn, ForeignBucket } from './s3-advice.ts';
import { claimBucket, isOwned, throwIfHopeless } from './s3-claim.ts';
import { MISSING, missingIsNone, S3Refusal } from './s3-refusal.ts';
import { S3Requests, S3Silence } from './s3-requests.ts';
import { elementsOf } from './xml-elements.ts';

/** Waiting for one answer, its body included. */
export const S3_REQUEST_MS_MAX = 10_000;
/** Of one operation. */
export const S3_TRIES = 3;
const RETRY = { attempts: S3_TRIES, firstPauseMs: 100, pauseMsMax: 1_000 } as const;
/** Objects of one call that are removed at a time. */
export const S3_REMOVALS_MAX = 8;
/** How often a bucket that is away is tried. */
const PROBE_EVERY_MS = 1_000;
/** How long an answer shows that it is there. */
const ANSWER_LIFE_MS = 60_000;

export interface S3Options {
  readonly target: S3Target;
  readonly telemetry: Telemetry;
  /** Default: S3_REQUEST_MS_MAX. */
  readonly requestMsMax?: number;
}

/** Objects in a bucket of any S3, all below one prefix. */
export class S3ObjectStore implements ObjectStore {
  readonly #requests: S3Requests;
  readonly #target: S3Target;
  readonly #telemetry: Telemetry;
  readonly #closing = new AbortController();
  readonly #pace = new LogPace<BackendErrorReason>();
  #cluster = '';
  /** Undefined: nobody was told yet. */
  #isUp: boolean | undefined;
  /** It refused something since the last probe. */
  #isSuspect = false;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor({ target, telemetry, requestMsMax = S3_REQUEST_MS_MAX }: S3Options) {
    this.#requests = new S3Requests(target, requestMsMax);
    this.#target = target;
    this.#telemetry = telemetry;
  }

  isUp(): boolean {
    return this.#isUp === true;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#run('object_put', (signal) =>
      this.#requests.ask({ method: 'PUT', name, body: bytes }, signal),
    );
  }

  get(name: string, bytesMax: number): Promise<Uint8Array | undefined> {
    return this.#run('object_get', async (signal) => {
      const found = await this.#requests.ask({ method: 'GET', name, bytesMax }, signal).catch(missingIsNone);
      return found === MISSING ? undefined : found;
    });
  }

  async remove(names: readonly string[]): Promise<void> {
    await pMap(
      names,
      (name) =>
        this.#run('object_remove', (signal) =>
          this.#requests.ask({ method: 'DELETE', name }, signal).catch(missingIsNone),
        ),
      { concurrency: S3_REMOVALS_MAX },
    );
  }

  objects(folder: string): Promise<readonly StoredObject[]> {
    return this.#run('object_list', async (signal) => {
      const xml = await this.#requests.list(
        { prefix: `${folder}/`, 'max-keys': String(OBJECTS_LISTED_MAX) },
        signal,
      );
      return elementsOf(xml, 'Contents').flatMap((entry) => {
        const name = this.#requests.nameOf(elementsOf(entry, 'Key')[0] ?? '');
        const at = Date.parse(elementsOf(entry, 'LastModified')[0] ?? '');
        return name?.startsWith(`${folder}/`) !== true || Number.isNaN(at) ? [] : [{ name, at }];
      });
    });
  }

  folders(after: string): Promise<readonly string[]> {
    return this.#run('object_list', async (signal) => {
      // The slash, with which each ends, sorts before 0.
      const query = { delimiter: '/', 'start-after': `${after}0`, 'max-keys': String(OBJECTS_LISTED_MAX) };
      const xml = await this.#requests.list(query, signal);
      return elementsOf(xml, 'CommonPrefixes').flatMap((entry) => {
        const name = this.#requests.nameOf(elementsOf(entry, 'Prefix')[0] ?? '');
        return name?.endsWith('/') === true ? [name.slice(0, -1)] : [];
      });
    });
  }

  async start(cluster: string): Promise<void> {
    this.#cluster = cluster;
    try {
      await this.#probe();
    } catch (error) {
      throwIfHopeless(error, this.#target);
      if (!isExpected(error)) throw error;
    }
    this.#probeSoon();
  }

  close(): void {
    this.#closing.abort(new Unavailable('objects', new Error('the store is closed')));
    clearTimeout(this.#timer);
    this.#isUp = false;
  }

  /** Throws what S3 said, or that it said nothing. A bucket that answers is not written to: it may keep what is removed. */
  async #probe(): Promise<void> {
    const { signal } = this.#closing;
    const startedMs = performance.now();
    const isSound = this.isUp() && !this.#isSuspect;
    const look = async (): Promise<void> => {
      if (!isSound || !(await isOwned(this.#requests, this.#cluster, signal)))
        await claimBucket(this.#requests, this.#cluster, signal);
    };
    try {
      // Silence is long enough the first time.
      await retry(look, { ...RETRY, signal, isWorthIt: isPassing });
      this.#isSuspect = false;
      this.#done('object_probe', startedMs);
    } catch (error) {
      signal.throwIfAborted();
      this.#failed('object_probe', startedMs, error);
      this.#tell(false, error);
      throw error;
    }
  }

  async #run<Result>(operation: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    if (!this.#isUp) throw new Unavailable('objects', new Error('the bucket is away'));
    const startedMs = performance.now();
    try {
      const result = await retry(() => work(signal), { ...RETRY, signal, isWorthIt });
      this.#done(operation, startedMs);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof S3Refusal || error instanceof S3Silence)) throw error;
      this.#failed(operation, startedMs, error);
      // Who refuses is there, and the next probe tells what it still does. Silence that others overtook was bad luck.
      if (error instanceof S3Refusal) this.#isSuspect = true;
      else if (this.#answeredAtMs < startedMs) this.#tell(false, error);
      throw new Unavailable('objects', error);
    }
  }

  #done(operation: string, startedMs: number): void {
    this.#answeredAtMs = performance.now();
    this.#telemetry.storeDone(operation, 'ok', (this.#answeredAtMs - startedMs) / 1_000);
    this.#tell(true);
  }

  #failed(operation: string, startedMs: number, error: unknown): void {
    this.#telemetry.storeDone(operation, 'unavailable', (performance.now() - startedMs) / 1_000);
    const reason = reasonOf(error);
    this.#telemetry.backendError('bucket', reason);
    if (error instanceof S3Refusal && this.#pace.take(reason, performance.now()))
      this.#telemetry.warn('bucket_refused', undefined, {
        reason: error.code || `status ${error.status}`,
        ...this.#adviceOn(error),
      });
  }

  /** `error`: for what it is down. */
  #tell(up: boolean, error?: unknown): void {
    if (this.#isUp === up || this.#closing.signal.aborted) return;
    this.#isUp = up;
    this.#telemetry.objectsUp(up);
    if (up) this.#telemetry.info('bucket_up');
    else this.#telemetry.warn('bucket_down', error, this.#adviceOn(error));
  }

  #adviceOn(error: unknown): { readonly advice?: string } {
    const advice = adviceOn(error, this.#target);
    return advice === undefined ? {} : { advice: advice.text };
  }

  #probeSoon(): void {
    const probe = async (): Promise<void> => {
      // What it found stands in isUp.
      const isFresh = performance.now() - this.#answeredAtMs < ANSWER_LIFE_MS;
      if (!this.#isUp || this.#isSuspect || !isFresh) await this.#probe().catch(() => undefined);
      if (!this.#closing.signal.aborted) this.#probeSoon();
    };
    this.#timer = setTimeout(() => void probe(), PROBE_EVERY_MS);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof S3Refusal && error.isPassing;
}

function isWorthIt(error: unknown): boolean {
  return error instanceof S3Silence || isPassing(error);
}

function isExpected(error: unknown): boolean {
  return error instanceof S3Refusal || error instanceof S3Silence || error instanceof ForeignBucket;
}

function reasonOf(error: unknown): BackendErrorReason {
  if (error instanceof S3Refusal) return error.reason;
  if (!(error instanceof S3Silence)) return 'other';
  return error.cause instanceof S3Silence ? 'timeout' : 'connection';
}
