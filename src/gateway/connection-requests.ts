import { randomBytes, randomUUID } from 'node:crypto';
import type { Core } from '../core/core.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { CloseName } from '../protocol/codes.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import { type FeatureName, featureNames, type OptionalFeature } from '../protocol/features.ts';
import { HelloReplies } from '../protocol/hello-replies.ts';
import {
  INBOUND_FRAME_BYTES_MAX,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  TEXT_BYTES_MAX,
} from '../protocol/limits.ts';
import { isCanonicalOrigin, isLoopbackOrigin, type Origin } from '../protocol/origin.ts';
import { closeAccount, logout, rotate } from '../requests/account-changes.ts';
import { fetchBackup } from '../requests/backups.ts';
import { link } from '../requests/links.ts';
import { type Call, type ConnectionHandler, type ConnectionHandlers, EncodedReply } from './dispatcher.ts';

/** Hexadecimal digits: enough to tell the connections of a log apart; they say nothing about whose they are. */
const CONNECTION_ID_CHARS = 8;

export interface GreetingLimits {
  readonly publicUrls: readonly Origin[];
  readonly pingSeconds: number;
  readonly silenceSeconds: number;
  readonly maxRoomMembers: number;
  readonly maxEpochRoomMembers: number;
  readonly maxRoomsPerConnection: number;
  readonly maxFileBytes: number;
  readonly disabledFeatures: readonly OptionalFeature[];
}

export interface ConnectionRequestParts {
  readonly core: Core;
  readonly limits: GreetingLimits;
  /** Name and version of the program. */
  readonly serverName: string;
  readonly logins: Pick<ConnectionHandlers, 'register' | 'login' | 'answer' | 'resume'>;
  readonly enter: ConnectionHandler<'enter'>;
}

/** The requests that change the connection they come on. */
export function connectionHandlers(parts: ConnectionRequestParts): ConnectionHandlers {
  const { core, limits, serverName, logins, enter } = parts;
  return {
    hello: helloHandler(limits, serverName, core.telemetry),
    ...logins,
    ping: () => ({ time: Date.now() }),
    enter,
    'fetch-backup': ({ session }, _state, body) => fetchBackup(core, session.address, body),
    link: ({ session }, _state, body) =>
      link(core, { address: session.address, user: session.open?.user }, body),
    logout: async (call, { greeting, caller }, body) =>
      ended(call, 'revoked', await logout(core, greeting, caller, body)),
    rotate: async (call, { greeting, caller }, body) =>
      ended(call, 'revoked', await rotate(core, greeting, caller, body)),
    'close-account': async (call, { greeting, caller }, body) =>
      ended(call, 'account_closed', await closeAccount(core, greeting, caller, body)),
  };
}

/** Closes the session that asked, once it is answered. The user's other sessions hear of it by the control channel. */
function ended<Outcome extends object>(
  { session }: Call,
  close: CloseName,
  outcome: Outcome | Refusal,
): Outcome | Refusal {
  if (!isRefusal(outcome)) session.drain(close);
  return outcome;
}

/** The `hello` of both sides, to which everything that is signed later is bound. */
function helloHandler(
  limits: GreetingLimits,
  serverName: string,
  telemetry: Telemetry,
): ConnectionHandler<'hello'> {
  // Nearly all dial the same address: its text is kept once, not once for each connection, and looked at once.
  let lastOrigin: Origin | undefined;
  const disabled: readonly FeatureName[] = limits.disabledFeatures;
  const features = featureNames.filter((name) => !disabled.includes(name));
  const fileLimits = features.includes('files') ? { fileBytes: limits.maxFileBytes } : {};
  const replies = new HelloReplies({
    server: serverName,
    version: PROTOCOL_VERSION,
    pingMs: limits.pingSeconds * 1_000,
    silenceMs: limits.silenceSeconds * 1_000,
    limits: {
      frameBytes: INBOUND_FRAME_BYTES_MAX,
      textBytes: TEXT_BYTES_MAX,
      roomMembers: limits.maxRoomMembers,
      roomsPerConnection: limits.maxRoomsPerConnection,
      ...fileLimits,
      epochRoomMembers: limits.maxEpochRoomMembers,
    },
    features,
  });
  return ({ session }, _state, { nonce: clientNonce, origin: dialled }) => {
    let origin = lastOrigin;
    if (dialled !== origin) {
      if (!isCanonicalOrigin(dialled) || !isOurs(dialled, limits.publicUrls)) return refuse('wrong_origin');
      origin = dialled;
      lastOrigin = dialled;
    }
    const serverNonce = randomBytes(NONCE_BYTES);
    // Its first digits are all random, and the platform draws many of these at a time.
    const connection = randomUUID().slice(0, CONNECTION_ID_CHARS);
    session.connection = connection;
    session.state = { kind: 'greeted', greeting: { origin, clientNonce, serverNonce } };
    session.trace('connection_greeted', {});
    telemetry.handshake((performance.now() - session.openedAtMs) / 1_000);
    const time = Date.now();
    return new EncodedReply((id) => replies.frame(id, { nonce: serverNonce, time, connection }));
  };
}

/** Without public addresses only this machine is served: any other origin could be that of a server in the middle. */
function isOurs(origin: Origin, publicUrls: readonly Origin[]): boolean {
  return publicUrls.length === 0 ? isLoopbackOrigin(origin) : publicUrls.includes(origin);
}
