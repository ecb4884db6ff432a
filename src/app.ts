import { openAdminToken } from './adapters/embedded/admin-token-file.ts';
import { backUpStore } from './adapters/embedded/back-up-store.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { bracketed, isLoopback } from './config/loopback.ts';
import { dialledAddresses, pageOrigin } from './config/page-origins.ts';
import { type Core, createCore } from './core/core.ts';
import { AdminApi } from './gateway/admin-api.ts';
import type { AdmissionLimits } from './gateway/admission.ts';
import { FileTransfers } from './gateway/file-transfers.ts';
import { Gateway } from './gateway/gateway.ts';
import type { Health, HealthState, MissingService } from './gateway/health.ts';
import { retry, UNTIL_IT_WORKS } from './lib/retry.ts';
import { readWebPage } from './page/web-page.ts';
import { type Backends, StartRefused } from './ports/backend.ts';
import type { LogEvent } from './ports/log-events.ts';
import type { Telemetry } from './ports/telemetry.ts';
import { Unavailable } from './ports/unavailable.ts';
import { refusalOf, type StartRefusal } from './start-refusal.ts';
import { loggedText } from './telemetry/logger.ts';
import { openTelemetry, type PrometheusTelemetry } from './telemetry/prometheus-telemetry.ts';
import type { AdminAccess } from './transport/admin-access.ts';
import { openAdminServer } from './transport/admin-server.ts';
import { connectionsWithinFileLimit } from './transport/file-limit.ts';
import type { Validity } from './transport/tls-files.ts';
import { openWebSocketServer, type ServedParts, type WebSocketServer } from './transport/websocket-server.ts';

export interface AppOptions {
  readonly config: GatewayConfig;
  readonly openBackends: (telemetry: Telemetry) => Backends;
  readonly version: string;
  /** Takes one line of JSON a call, and has written it when it returns. */
  readonly log: { write(line: string): void };
  /** An operator ordered the node away: drain() is to be called. */
  readonly onDrainOrder: () => void;
}

/** Where the node is reached. */
export interface Addresses {
  readonly url: string;
  readonly adminUrl: string;
  /** Of the web client; undefined: it is not served. */
  readonly pageUrl: string | undefined;
}

export type StartOutcome =
  | ({ readonly kind: 'ready' } & Addresses)
  /** stop() or drain() was called meanwhile. */
  | { readonly kind: 'stopped' }
  | StartRefusal;

type Phase = 'starting' | 'ready' | 'draining' | 'stopped';

/**
 * One gateway node: makes its parts, wires them by their constructors, starts them in order and stops them in reverse.
 * The health routes answer from the beginning.
 */
export class App {
  readonly #config: GatewayConfig & Pick<AdmissionLimits, 'isAllowedOrigin'>;
  readonly #telemetry: PrometheusTelemetry;
  readonly #backends: Backends;
  readonly #core: Core;
  readonly #gateway: Gateway;
  readonly #adminApi: AdminApi;
  /** What was started, in order. */
  readonly #started: (() => Promise<void> | void)[] = [];
  readonly #stopping = new AbortController();
  #adminAccess: AdminAccess;
  /** Of its own page, once it is known where the node listens. */
  #pageOrigins: readonly string[] = [];
  #phase: Phase = 'starting';
  #stopped: Promise<void> | undefined;
  #drained: Promise<void> | undefined;

  constructor({ config, openBackends, version, log, onDrainOrder }: AppOptions) {
    const isAllowedOrigin = (origin: string): boolean =>
      config.allowedOrigins.includes(origin) || this.#pageOrigins.includes(origin);
    this.#config = { ...config, isAllowedOrigin };
    this.#adminAccess = accessBeforeStores(config);
    this.#telemetry = openTelemetry({ ...config, version, log });
    this.#telemetry.readyWhile(() => this.#health().kind === 'ready');
    this.#backends = openBackends(this.#telemetry);
    const clock = { nowMs: Date.now };
    this.#core = createCore({ ...this.#backends, limits: config, telemetry: this.#telemetry, clock });
    this.#gateway = new Gateway({
      core: this.#core,
      limits: { ...this.#config, maxConnections: connectionsWithinFileLimit(config.maxConnections) },
      version,
      node: config.nodeId,
      onDrainOrder,
    });
    // A node that drains still serves whoever operates the cluster through it.
    const canAct = (): boolean => this.#phase === 'ready' || this.#phase === 'draining';
    this.#adminApi = new AdminApi(this.#core, canAct);
  }

  /** Resolves when the node serves clients, or never will. Throws on bugs only. */
  async start(): Promise<StartOutcome> {
    try {
      const addresses = await this.#startAll();
      this.#phase = 'ready';
      return { kind: 'ready', ...addresses };
    } catch (error) {
      if (this.#stopping.signal.aborted) {
        await this.#stopped;
        return { kind: 'stopped' };
      }
      const refusal = refusalOf(error);
      if (refusal !== undefined)
        this.#telemetry.warn('start_refused', undefined, { reason: loggedText(refusal.reason) });
      await this.stop();
      if (refusal === undefined) throw error;
      return refusal;
    }
  }

  async #startAll(): Promise<Addresses> {
    const { adminHost, adminPort, host, tls } = this.#config;
    const health: Health = { state: () => this.#health() };
    const files = new FileTransfers(this.#core, this.#config);
    const admin = await openAdminServer({
      host: adminHost,
      port: adminPort,
      page: this.#telemetry.page,
      health,
      isLoopback: isLoopback(adminHost),
      access: () => this.#adminAccess,
      api: this.#adminApi,
    });
    this.#began(() => admin.close());
    const adminUrl = `http://${bracketed(adminHost)}:${admin.port}`;
    this.#telemetry.info('probes_answered', { adminUrl });
    let server: WebSocketServer | undefined;
    // Long after the sessions were closed, so that their close frames are out.
    this.#began(() => server?.close());
    this.#began(() => this.#backends.stores.close());
    this.#began(() => this.#backends.relay.close());
    // Both at once: where both are away, the log tells of both.
    await Promise.all([this.#backends.stores.start(), this.#backends.relay.connect()]);
    this.#openAdminToken();
    await this.#backends.relay.start();
    this.#began(() => this.#core.close());
    await this.#retried('services_not_ready', () => this.#core.start());
    this.#began(() => this.#gateway.close());
    await this.#retried('control_channel_not_ready', () => this.#gateway.start());
    const page = this.#webPage();
    const listening = await openWebSocketServer(this.#config, this.#gateway, { health, files, page });
    server = listening;
    const addresses = page?.connects(listening.port) ?? [];
    this.#pageOrigins = addresses.map(pageOrigin);
    if (listening.certificate !== undefined) this.#tellOf(listening.certificate);
    this.#began(() => listening.stop());
    return {
      url: `${tls === undefined ? 'ws' : 'wss'}://${bracketed(host)}:${listening.port}`,
      adminUrl,
      pageUrl: addresses[0] === undefined ? undefined : `${pageOrigin(addresses[0])}/`,
    };
  }

  /** One that is not valid is served all the same: the clock may be wrong, and clients decide for themselves. */
  #tellOf({ from, until }: Validity): void {
    this.#telemetry.certificateUntil(until.getTime() / 1_000);
    const nowMs = Date.now();
    if (nowMs >= from.getTime() && nowMs <= until.getTime()) return;
    this.#telemetry.warn('certificate_not_valid', undefined, {
      from: from.toISOString(),
      until: until.toISOString(),
    });
  }

  #webPage(): ServedParts['page'] {
    const assets = this.#config.servesWeb ? readWebPage() : undefined;
    if (this.#config.servesWeb && assets === undefined) this.#telemetry.warn('page_not_built');
    return assets && { assets, connects: (port) => dialledAddresses(this.#config, port) };
  }

  /** The data directory is locked by now. */
  #openAdminToken(): void {
    const { backend } = this.#config;
    if (this.#adminAccess.kind !== 'starting' || backend.mode !== 'embedded') return;
    this.#adminAccess = { kind: 'token', token: openAdminToken(backend.dataDir) };
  }

  /** What a library would print goes into the log, as an event of its own. */
  libraryWarned(text: string): void {
    this.#telemetry.warn('library_warning', undefined, { text: loggedText(text) });
  }

  #began(stop: () => Promise<void> | void): void {
    this.#started.push(stop);
    this.#stopping.signal.throwIfAborted();
  }

  async #retried(event: LogEvent, start: () => Promise<void>): Promise<void> {
    const logged = (error: unknown): never => {
      if (error instanceof Unavailable) this.#telemetry.warn(event, error);
      throw error;
    };
    await retry(() => start().catch(logged), {
      ...UNTIL_IT_WORKS,
      signal: this.#stopping.signal,
      isWorthIt: (error) => error instanceof Unavailable,
    });
  }

  #health(): HealthState {
    if (this.#phase === 'draining' || this.#phase === 'stopped') return { kind: 'draining' };
    const missing: MissingService[] = [];
    if (!this.#backends.relay.isUp()) missing.push('broker');
    if (!this.#backends.stores.isUp()) missing.push(this.#backends.stores.isFull() ? 'disk' : 'stores');
    if (missing.length > 0) return { kind: 'not-ready', missing };
    if (this.#phase !== 'ready') return { kind: 'not-ready', missing };
    return { kind: 'ready', degraded: this.#backends.stores.areFilesUp() ? [] : ['files'] };
  }

  /** Sends the clients elsewhere, slowly enough for the other nodes, then stops. Resolves when all is closed; asked twice, does it once. */
  drain(): Promise<void> {
    const { drainWaitSeconds, drainSeconds } = this.#config;
    this.#drained ??= this.#leave({ waitMs: drainWaitSeconds * 1_000, overMs: drainSeconds * 1_000 });
    return this.#drained;
  }

  /** Tells the clients and stops, within two seconds. */
  async interrupt(): Promise<void> {
    await this.#leave({ waitMs: 0, overMs: 0 });
  }

  async #leave(plan: Parameters<Gateway['drain']>[0]): Promise<void> {
    if (this.#phase === 'ready') {
      this.#phase = 'draining';
      this.#telemetry.draining(true);
      this.#telemetry.info('draining', { waitMs: plan.waitMs, overMs: plan.overMs });
      await this.#gateway.drain(plan);
    }
    await this.stop();
  }

  /** Closes everything, the last started first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    this.#phase = 'stopped';
    this.#stopping.abort();
    for (const stop of this.#started.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        this.#telemetry.warn('stop_failed', error);
      }
    }
    // Of a gateway that never got to its own turn: its timers.
    await this.#gateway.close();
    this.#telemetry.info('stopped');
  }
}

/** Writes a copy of a lone gateway's store into a new folder, while that may run. Gives what is wrong. */
export async function backUp({ backend }: GatewayConfig, target: string): Promise<string | undefined> {
  if (backend.mode !== 'embedded') return 'with MongoDB the backup is one of MongoDB: see docs/operations.md';
  try {
    await backUpStore(backend.dataDir, target);
    return undefined;
  } catch (error) {
    if (error instanceof StartRefused) return error.message;
    throw error;
  }
}

function accessBeforeStores({ adminToken: token, backend }: GatewayConfig): AdminAccess {
  if (token !== undefined) return { kind: 'token', token };
  return { kind: backend.mode === 'embedded' ? 'starting' : 'off' };
}
