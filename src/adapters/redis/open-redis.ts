import { setTimeout as pause } from 'node:timers/promises';
import { retry, UNTIL_IT_WORKS } from '../../lib/retry.ts';
import type { RelayBackend } from '../../ports/backend.ts';
import type { RedisTarget } from '../../ports/targets.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { ConnectionGuard } from './connection-guard.ts';
import {
  type ConnectionSettings,
  clusterClient,
  REDIRECT_BUDGET_MS,
  type RedisClient,
  singleClient,
} from './connections.ts';
import { ErrorWatch, nodesError } from './error-watch.ts';
import { wrongUrl } from './first-words.ts';
import { Keys } from './keys.ts';
import { RedisBroker } from './redis-broker.ts';
import { RedisNodeBoard } from './redis-node-board.ts';
import { type PresenceTiming, presenceTiming, RedisPresence } from './redis-presence.ts';
import { RedisRateLimits } from './redis-rate-limits.ts';
import { RedisReadyMarks } from './redis-ready-marks.ts';
import { RedisRevocations } from './redis-revocations.ts';
import { RedisSequencer } from './redis-sequencer.ts';
import { scriptRunner } from './script.ts';
import type { LinkOwner } from './subscriber-link.ts';
import { ShardLinks, SingleLink, type SubscriberLinks } from './subscriber-links.ts';
import { probeWrite } from './write-probe.ts';

/** Of the backend's deadline, for what surrounds a command: timers and the event loop. */
const MARGIN_MS = 50;
const START_POLL_MS = 20;
/** A broker that is not up by then says so in the log, and start() goes on trying. */
const START_ATTEMPT_MS = 3000;

export interface RedisBackendOptions {
  readonly target: RedisTarget;
  /** Within this every method has answered or thrown Unavailable. */
  readonly timeoutMs: number;
  /** Names this node's connections to whoever looks at CLIENT LIST. */
  readonly nodeId: string;
  readonly telemetry: Telemetry;
  /** Before every key and channel; clusters with different ones share a Redis without noticing. Default `conclave:`. */
  readonly prefix?: string;
  readonly timing?: PresenceTiming;
}

/** Opens nothing yet: start() does. */
export function openRedis(options: RedisBackendOptions): RelayBackend {
  return new RedisBackend(options);
}

interface Clients {
  readonly commands: RedisClient;
  readonly publisher: RedisClient;
  readonly openLinks: (owner: LinkOwner) => SubscriberLinks;
}

function openClients(target: RedisTarget, settings: ConnectionSettings, prefix: string): Clients {
  if (target.kind !== 'cluster') {
    const openLinks = (owner: LinkOwner): SubscriberLinks => new SingleLink(target, settings, prefix, owner);
    return { commands: singleClient(target, settings), publisher: singleClient(target, settings), openLinks };
  }
  const commands = clusterClient(target, settings);
  const openLinks = (owner: LinkOwner): SubscriberLinks =>
    new ShardLinks(target, commands, settings, prefix, owner);
  return { commands, publisher: clusterClient(target, settings), openLinks };
}

class RedisBackend implements RelayBackend {
  readonly broker: RedisBroker;
  readonly sequencer: RedisSequencer;
  readonly presence: RedisPresence;
  readonly limits: RedisRateLimits;
  readonly revocations: RedisRevocations;
  readonly nodes: RedisNodeBoard;
  readonly readyMarks: RedisReadyMarks;
  readonly #commands: RedisClient;
  readonly #publisher: RedisClient;
  readonly #target: RedisTarget;
  readonly #telemetry: Telemetry;
  readonly #errors: ErrorWatch;
  #guards: readonly ConnectionGuard[] | undefined;
  /** Why there is no connection: refused, wrong password, no such host. */
  #lastError: unknown;
  readonly #closing = new AbortController();

  constructor(options: RedisBackendOptions) {
    const { target, telemetry } = options;
    const commandTimeoutMs =
      options.timeoutMs - MARGIN_MS - (target.kind === 'cluster' ? REDIRECT_BUDGET_MS : 0);
    const prefix = options.prefix ?? 'conclave:';
    // Channels are the same in all databases of a server.
    const database = target.kind === 'standalone' && target.db !== 0 ? `${target.db}:` : '';
    const keys = new Keys(prefix + database);
    const settings = { commandTimeoutMs, nodeId: options.nodeId };
    const { commands, publisher, openLinks } = openClients(target, settings, keys.channel(''));
    this.#target = target;
    this.#telemetry = telemetry;
    this.#commands = commands;
    this.#publisher = publisher;
    const errors = new ErrorWatch(telemetry);
    this.#errors = errors;
    const runProbe = scriptRunner(this.#commands, errors, 'broker');
    const write = (name: string): Promise<void> => probeWrite(runProbe, name);
    this.broker = new RedisBroker({ publisher, keys, telemetry, errors, write, openLinks });
    const run = scriptRunner(this.#commands, errors, 'presence');
    const timing = options.timing ?? presenceTiming;
    this.nodes = new RedisNodeBoard(run, keys);
    this.readyMarks = new RedisReadyMarks(run, keys);
    this.presence = new RedisPresence({ run, keys, telemetry, timing, timeoutMs: options.timeoutMs });
    this.sequencer = new RedisSequencer(scriptRunner(this.#commands, errors, 'clock'), keys);
    const runLimits = scriptRunner(this.#commands, errors, 'limits');
    this.limits = new RedisRateLimits(runLimits, keys);
    this.revocations = new RedisRevocations(runLimits, keys);
    this.#watch(this.#commands, 'commands');
    this.#watch(this.#publisher, 'publisher');
  }

  connect(): Promise<void> {
    return this.#retried(() => this.#connectOnce());
  }

  start(): Promise<void> {
    return this.#retried(async () => {
      await this.#connectOnce();
      await this.presence.start();
    });
  }

  async #retried(attempt: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    const logged = async (error: unknown): Promise<never> => {
      const advice = signal.aborted ? undefined : await wrongUrl(this.#target);
      if (!signal.aborted)
        this.#telemetry.warn('broker_not_ready', error, advice === undefined ? {} : { advice });
      throw error;
    };
    try {
      await retry(() => attempt().catch(logged), { ...UNTIL_IT_WORKS, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Unavailable('broker', new Error('closed before Redis answered'));
    }
  }

  isUp(): boolean {
    return this.#commands.status === 'ready' && this.broker.isUp();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#closing.abort();
    await this.presence.close();
    await this.broker.close();
    for (const guard of this.#guards ?? []) guard.close();
    // Never started: a request would still open a connection.
    this.#commands.disconnect();
    this.#publisher.disconnect();
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #connectOnce(): Promise<void> {
    this.#guards ??= [new ConnectionGuard(this.#commands), new ConnectionGuard(this.#publisher)];
    await this.#until(() => this.#commands.status === 'ready' && this.#publisher.status === 'ready');
    await this.broker.connect();
    await this.#until(() => this.broker.isUp());
  }

  async #until(isDone: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + START_ATTEMPT_MS;
    while (!isDone()) {
      if (performance.now() > deadlineMs)
        throw new Unavailable('broker', this.#lastError ?? new Error('not connected in time'));
      await pause(START_POLL_MS, undefined, { signal: this.#closing.signal });
    }
  }

  #watch(client: RedisClient, connection: string): void {
    let wasReady = false;
    client.on('error', (error: unknown) => {
      this.#lastError = nodesError(error);
      this.#errors.saw(this.#lastError);
    });
    let isReady = false;
    client.on('ready', () => {
      this.#lastError = undefined;
      isReady = true;
      if (wasReady) this.#telemetry.info('broker_connection_restored', { connection });
      if (wasReady && connection === 'commands') this.presence.reconnected();
      wasReady = true;
    });
    // One shard of a cluster came back, or another server took its place.
    client.on('+node', () => {
      if (wasReady && connection === 'commands') this.presence.reconnected();
    });
    client.on('close', () => {
      // Attempts to come back that fail are closed, too.
      if (!this.#isClosed && isReady)
        this.#telemetry.warn('broker_connection_lost', this.#lastError, { connection });
      isReady = false;
    });
  }
}
