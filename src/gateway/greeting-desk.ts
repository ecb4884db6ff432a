import { randomBytes } from 'node:crypto';
import type { Telemetry } from '../ports/telemetry.ts';
import { refuse } from '../protocol/error-reply.ts';
import { featureNames } from '../protocol/features.ts';
import {
  INBOUND_FRAME_BYTES_MAX,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  TEXT_BYTES_MAX,
} from '../protocol/limits.ts';
import { isCanonicalOrigin, isLoopbackOrigin, type Origin } from '../protocol/origin.ts';
import type { Handler } from './handlers.ts';

/** Enough to tell the connections of a log apart; it says nothing about whose they are. */
const CONNECTION_ID_BYTES = 4;

export interface GreetingLimits {
  readonly publicUrls: readonly Origin[];
  readonly pingSeconds: number;
  readonly silenceSeconds: number;
  readonly maxRoomMembers: number;
  readonly maxRoomsPerConnection: number;
}

/** The `hello` of both sides, to which everything that is signed later is bound. */
export function greetingHandler(
  limits: GreetingLimits,
  serverName: string,
  telemetry: Telemetry,
): Handler<'hello'> {
  // Nearly all dial the same address: its text is kept once, not once for each connection.
  let lastOrigin: Origin | undefined;
  return ({ session }, _state, { nonce: clientNonce, origin: dialled }) => {
    if (!isCanonicalOrigin(dialled) || !isOurs(dialled, limits.publicUrls)) return refuse('wrong_origin');
    const origin = dialled === lastOrigin ? lastOrigin : dialled;
    lastOrigin = origin;
    const serverNonce = randomBytes(NONCE_BYTES);
    const connection = randomBytes(CONNECTION_ID_BYTES).toString('hex');
    session.connection = connection;
    session.state = { kind: 'greeted', greeting: { origin, clientNonce, serverNonce } };
    session.trace('connection_greeted', {});
    telemetry.handshake((performance.now() - session.openedAtMs) / 1_000);
    return {
      nonce: serverNonce,
      server: serverName,
      version: PROTOCOL_VERSION,
      time: Date.now(),
      pingMs: limits.pingSeconds * 1_000,
      silenceMs: limits.silenceSeconds * 1_000,
      limits: {
        frameBytes: INBOUND_FRAME_BYTES_MAX,
        textBytes: TEXT_BYTES_MAX,
        roomMembers: limits.maxRoomMembers,
        roomsPerConnection: limits.maxRoomsPerConnection,
      },
      features: featureNames,
      connection,
    };
  };
}

/** Without public addresses only this machine is served: any other origin could be that of a server in the middle. */
function isOurs(origin: Origin, publicUrls: readonly Origin[]): boolean {
  return publicUrls.length === 0 ? isLoopbackOrigin(origin) : publicUrls.includes(origin);
}
