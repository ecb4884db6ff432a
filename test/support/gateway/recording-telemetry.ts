import type { Telemetry } from '../../../src/ports/telemetry.ts';

export interface TelemetryCall {
  readonly event: string;
  readonly values: readonly unknown[];
}

/** Telemetry that keeps what it was told. */
export function recordingTelemetry(): { telemetry: Telemetry; calls: TelemetryCall[] } {
  const calls: TelemetryCall[] = [];
  const note =
    (event: keyof Telemetry) =>
    (...values: readonly unknown[]): void => {
      calls.push({ event, values });
    };
  const telemetry: Telemetry = {
    connectionOpened: note('connectionOpened'),
    connectionClosed: note('connectionClosed'),
    connectionRejected: note('connectionRejected'),
    connectionsMax: note('connectionsMax'),
    pendingConnections: note('pendingConnections'),
    pendingConnectionsMax: note('pendingConnectionsMax'),
    sessions: note('sessions'),
    loggedIn: note('loggedIn'),
    handshake: note('handshake'),
    requestDone: note('requestDone'),
    rateLimited: note('rateLimited'),
    waitingFrameBytes: note('waitingFrameBytes'),
    bytesIn: note('bytesIn'),
    messageAccepted: note('messageAccepted'),
    epochMade: note('epochMade'),
    epochRaceLost: note('epochRaceLost'),
    waitingWrapBytes: note('waitingWrapBytes'),
    fannedOut: note('fannedOut'),
    flushed: note('flushed'),
    outboxBytes: note('outboxBytes'),
    outboxBytesLeaving: note('outboxBytesLeaving'),
    outboxBytesMax: note('outboxBytesMax'),
    outboxEvicted: note('outboxEvicted'),
    slowConsumer: note('slowConsumer'),
    roomsOnNode: note('roomsOnNode'),
    fileTransfers: note('fileTransfers'),
    fileTransfersMax: note('fileTransfersMax'),
    fileTransferDone: note('fileTransferDone'),
    backendError: note('backendError'),
    brokerUp: note('brokerUp'),
    brokerReconnected: note('brokerReconnected'),
    brokerStarved: note('brokerStarved'),
    brokerGap: note('brokerGap'),
    brokerProbe: note('brokerProbe'),
    brokerSubscriptions: note('brokerSubscriptions'),
    publishRetried: note('publishRetried'),
    storeDone: note('storeDone'),
    storeUp: note('storeUp'),
    objectsUp: note('objectsUp'),
    storeFree: note('storeFree'),
    clockJumped: note('clockJumped'),
    storeLag: note('storeLag'),
    certificateUntil: note('certificateUntil'),
    appendBatch: note('appendBatch'),
    clockRebuilt: note('clockRebuilt'),
    voids: note('voids'),
    presenceStep: note('presenceStep'),
    onlineUsers: note('onlineUsers'),
    presenceReaped: note('presenceReaped'),
    leaseLost: note('leaseLost'),
    draining: note('draining'),
    administered: note('administered'),
    warn: note('warn'),
    info: note('info'),
    debug: note('debug'),
  };
  return { telemetry, calls };
}
