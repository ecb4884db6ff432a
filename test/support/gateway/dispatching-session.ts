import type { Core, UseCases } from '../../../src/core/core.ts';
import { type ConnectionHandlers, Dispatcher } from '../../../src/gateway/dispatcher.ts';
import { Flusher } from '../../../src/gateway/outbound.ts';
import { OpenSession, Session, type SessionHost } from '../../../src/gateway/session.ts';
import type { SessionRates } from '../../../src/gateway/session-limits.ts';
import { DeadlineQueue } from '../../../src/gateway/timers.ts';
import { randomId } from '../../../src/lib/random-id.ts';
import { decodeServerFrame } from '../../../src/protocol/client-codec.ts';
import { refuse } from '../../../src/protocol/error-reply.ts';
import { parseUserId } from '../../../src/protocol/ids.ts';
import { parseUserName } from '../../../src/protocol/names.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';
import { requestNames } from '../../../src/protocol/requests.ts';
import { useCases } from '../../../src/requests/use-cases.ts';
import { FakeSocket } from './fake-socket.ts';
import { recordingTelemetry } from './recording-telemetry.ts';

export const DEADLINE_MS = 450;

const OFF: SessionRates = { requests: 'off', frameBytes: 'off' };

/**
 * A session that is logged in, and requests of which some are given; the others refuse. What waits for a turn is handled by takeTurn(),
 * or before replies() are looked at. `close` ends its timers.
 */
export function dispatchingSession(
  given: Partial<ConnectionHandlers & UseCases>,
  sessionRates: SessionRates = OFF,
) {
  const refusing = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, async () => refuse('forbidden')]));
  const { telemetry, calls } = recordingTelemetry();
  const flusher = new Flusher(telemetry, 1 << 20);
  const deadlines = new DeadlineQueue(DEADLINE_MS);
  let turns: (() => void)[] = [];
  const isPlain = (name: string): boolean => name in useCases;
  const plain = Object.entries(given).filter(([name]) => isPlain(name));
  const dispatcher = new Dispatcher({
    // No use case here looks at it.
    core: {} as Core,
    telemetry,
    useCases: { ...refusing(Object.keys(useCases)), ...Object.fromEntries(plain) } as unknown as UseCases,
    handlers: { ...refusing(requestNames), ...given } as unknown as ConnectionHandlers,
    deadlines,
    nextTurn: (run) => void turns.push(run),
  });
  const host: SessionHost = {
    flusher,
    telemetry,
    sessionRates,
    dispatcher,
    sessionClosed: () => undefined,
  };
  /** One turn of the event loop. False: nothing waited for it. */
  const takeTurn = (): boolean => {
    const due = turns;
    turns = [];
    for (const run of due) run();
    return due.length > 0;
  };
  const takeTurns = (): void => {
    while (takeTurn());
  };
  const socket = new FakeSocket();
  const session = new Session(socket, '127.0.0.1', host);
  const user = randomId(parseUserId);
  const [name, origin] = [parseUserName('ann'), parseOrigin('ws://localhost:1')];
  if (name === undefined || origin === undefined) throw new Error('the test needs names');
  const caller = { user, name, session: '1', address: '127.0.0.1', tokenIssuedAt: 0, tokenId: user };
  const greeting = { origin, clientNonce: new Uint8Array(32), serverNonce: new Uint8Array(32) };
  session.state = new OpenSession(session, greeting, caller);
  const replies = () => {
    takeTurns();
    return repliesOf(socket);
  };
  const close = (): void => {
    deadlines.close();
    flusher.close();
  };
  return { session, socket, host, replies, takeTurn, takeTurns, calls, close };
}

export function repliesOf(socket: FakeSocket) {
  return socket.frames.map((frame) => {
    const decoded = decodeServerFrame(frame, () => 'ping');
    if (decoded.kind === 'error')
      return { id: decoded.id, error: decoded.error.name, wait: decoded.error.retryAfterMs };
    return decoded.kind === 'reply' ? { id: decoded.id, body: decoded.body } : decoded;
  });
}
