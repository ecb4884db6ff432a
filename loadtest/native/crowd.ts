/** Child process: members with a connection each, that are cut off all at once and come back with their tokens. */
import { setTimeout as pause } from 'node:timers/promises';
import { Backoff } from '../../client/sdk/connection/backoff.ts';
import { systemClock } from '../../client/sdk/connection/clock.ts';
import { suiteField } from '../parameters.ts';
import { bytesOf, loadSharedKeys, type SharedKeys, toRoomId } from '../wire/accounts.ts';
import { inTurns } from '../wire/in-turns.ts';
import { ReadBuffer } from '../wire/raw-web-socket.ts';
import { WireSession } from '../wire/wire-session.ts';
import { Latencies } from './latencies.ts';
import { type Fields, isFields, listIn, numberIn, serveParent, textIn } from './parent-and-child.ts';
import { monotonicMicros } from './process-accounting.ts';

const CONNECTS_AT_ONCE = 16;
const ATTEMPTS_MAX = 20;

interface Visitor {
  readonly url: string;
  readonly token: Uint8Array;
  readonly room: ReturnType<typeof toRoomId>;
  session: WireSession | undefined;
}

const buffer = new ReadBuffer();
let visitors: readonly Visitor[] = [];
let keys: SharedKeys['keys'] | undefined;
let localAddress: string | undefined;
let suite = 1;

async function connect(fields: Fields): Promise<Fields> {
  keys = (await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'))).keys;
  localAddress = textIn(fields, 'localAddress') || undefined;
  suite = numberIn(fields, 'suite');
  visitors = listIn(fields, 'members').map((member): Visitor => {
    if (!isFields(member)) throw new TypeError('not a member');
    return {
      url: textIn(member, 'url'),
      token: bytesOf(textIn(member, 'token')),
      room: toRoomId(member['room']),
      session: undefined,
    };
  });
  await inTurns(visitors, CONNECTS_AT_ONCE, come);
  return {};
}

/** With its token: no login, and nothing that the server would have to read from its store. */
async function come(visitor: Visitor): Promise<void> {
  if (keys === undefined) throw new Error('not connected yet');
  const session = await WireSession.open(visitor.url, buffer, { localAddress });
  try {
    await session.resume(visitor.token, keys);
    const { rooms } = await session.request('enter', {
      rooms: [visitor.room],
      ...suiteField({ suite }),
    });
    if (rooms[0]?.info === undefined) throw new Error(`enter: error ${rooms[0]?.error}`);
    visitor.session = session;
  } catch (error) {
    session.socket.destroy();
    throw error;
  }
}

async function comeBack(fields: Fields): Promise<Fields> {
  const spreadMs = numberIn(fields, 'spreadMs');
  const latencies = new Latencies();
  const failures: Record<string, number> = {};
  let gaveUp = 0;
  for (const { session } of visitors) {
    if (session === undefined) continue;
    session.socket.destroy();
  }
  await Promise.all(
    visitors.map(async (visitor) => {
      await pause(Math.random() * spreadMs);
      const startedAt = monotonicMicros();
      // As clients do it.
      const backoff = new Backoff(systemClock);
      for (let attempt = 1; ; attempt += 1) {
        try {
          await come(visitor);
          latencies.add(monotonicMicros() - startedAt);
          return;
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          failures[reason] = (failures[reason] ?? 0) + 1;
          if (attempt === ATTEMPTS_MAX) {
            gaveUp += 1;
            return;
          }
          await pause(backoff.nextMs());
        }
      }
    }),
  );
  return { failures, gaveUp, latencies: latencies.toText() };
}

serveParent({ connect, comeBack });
