import { setTimeout as delay } from 'node:timers/promises';
import { ConclaveError } from '../../client/sdk/index.ts';
import type { ErrorName } from '../../src/protocol/codes.ts';
import type { RequestBody, RequestName } from '../../src/protocol/requests.ts';
import type { RawSession } from '../support/cluster/raw-session.ts';

const INSIST_MS_MAX = 20_000;
const mayHelpLater: ReadonlySet<string> = new Set<ErrorName>(['unavailable', 'rate_limited', 'conflict']);

/** Asks, as a client does, again while the server says that this may help. `done`: what says that an earlier try did it. */
export async function insist<Name extends RequestName>(
  session: RawSession,
  name: Name,
  body: RequestBody<Name>,
  done: ErrorName,
): Promise<void> {
  const untilMs = performance.now() + INSIST_MS_MAX;
  for (;;) {
    try {
      await session.request(name, body);
      return;
    } catch (error) {
      if (!(error instanceof ConclaveError) || performance.now() > untilMs) throw error;
      if (error.code === done) return;
      if (!mayHelpLater.has(error.code)) throw error;
      await delay(Math.random() * (error.retryAfterMs ?? 100));
    }
  }
}
