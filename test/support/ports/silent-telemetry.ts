import type { Telemetry } from '../../../src/ports/telemetry.ts';

const nothing = (): void => undefined;

/** Tells nobody, but for what a test listens to. */
export function silentTelemetry(heard: Partial<Telemetry> = {}): Telemetry {
  return {
    connectionOpened: nothing,
    connectionClosed: nothing,
    connectionRejected: nothing,
    connectionsMax: nothing,
    sessions: nothing,
    loggedIn: nothing,
    handshake: nothing,
    requestDone: nothing,
    rateLimited: nothing,
    bytesIn: nothing,
    messageAccepted: nothing,
    fannedOut: nothing,
    flushed: nothing,
    outboxBytes: nothing,
    slowConsumer: nothing,
    roomsOnNode: nothing,
    backendError: nothing,
    brokerUp: nothing,
    brokerReconnected: nothing,
    brokerStarved: nothing,
    brokerGap: nothing,
    brokerProbe: nothing,
    brokerSubscriptions: nothing,
    publishRetried: nothing,
    storeDone: nothing,
    storeUp: nothing,
    storeFree: nothing,
    appendBatch: nothing,
    clockRebuilt: nothing,
    voids: nothing,
    presenceStep: nothing,
    onlineUsers: nothing,
    presenceReaped: nothing,
    leaseLost: nothing,
    draining: nothing,
    administered: nothing,
    warn: nothing,
    info: nothing,
    ...heard,
  };
}
