import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { FakeSocket } from '../../test/support/gateway/fake-socket.ts';
import { silentTelemetry } from '../../test/support/ports/silent-telemetry.ts';
import { storesForTest } from '../../test/support/ports/temporary-stores.ts';
import { openEmbeddedRelay } from '../adapters/embedded/open-embedded-relay.ts';
import { encodeNotice } from '../domain/envelope.ts';
import type { RelayBackend } from '../ports/backend.ts';
import type { IdentityStore } from '../ports/identity-store.ts';
import { parseRoomId, parseUserId, type UserId } from '../protocol/ids.ts';
import { parseUserName } from '../protocol/names.ts';
import { parseOrigin } from '../protocol/origin.ts';
import { ControlFeed } from './control-feed.ts';
import { Flusher, Outbox } from './outbound.ts';
import { OpenSession } from './session.ts';
import { SessionRegistry } from './session-registry.ts';

const telemetry = silentTelemetry();
const NOW = 1_700_000_000_000;

function user(digit: string): UserId {
  const id = parseUserId(digit.repeat(32));
  if (id === undefined) throw new Error('the test needs ids');
  return id;
}

describe('what comes in on the control channel', () => {
  let relay: RelayBackend;
  let flusher: Flusher;
  let sessions: SessionRegistry;
  const secrets = { changed: vi.fn() };
  const orders = { answered: vi.fn() };
  const node = { order: vi.fn() };
  const bans = { told: vi.fn() };
  let feed: ControlFeed;
  let identities: IdentityStore;
  beforeEach(async () => {
    vi.clearAllMocks();
    relay = openEmbeddedRelay({ telemetry });
    await relay.start();
    flusher = new Flusher(telemetry, 1 << 20);
    sessions = new SessionRegistry(relay.presence, telemetry, 16);
    ({ identities } = await storesForTest());
    feed = new ControlFeed({ sessions, identities, secrets, orders, node, bans, telemetry });
  });
  afterEach(async () => {
    flusher.close();
    await relay.close();
  });

  /** A session by a token of this age; gives how it was ended. */
  async function session(
    of: UserId,
    tokenIssuedAt: number,
    { id = 's', socket = new FakeSocket() } = {},
  ): Promise<readonly string[]> {
    const ended: string[] = [];
    const outbox = new Outbox(socket, flusher, { outboxOverflowed: () => undefined });
    const connection = { outbox, drain: (close: string) => void ended.push(close) };
    const [name, origin] = [parseUserName('Ann'), parseOrigin('ws://127.0.0.1:1')];
    if (name === undefined || origin === undefined) throw new Error('the test needs a name');
    const nonce = new Uint8Array(32);
    const greeting = { origin, clientNonce: nonce, serverNonce: nonce };
    const caller = { user: of, name, session: id, address: '::1', tokenIssuedAt, tokenId: user('f') };
    await sessions.add(of, () => new OpenSession(connection, greeting, caller));
    return ended;
  }

  it('a change of a user’s rooms is told to every session of the user but the one whose request it was', async () => {
    const room = parseRoomId('07'.repeat(16)) ?? expect.unreachable();
    const sockets = { asked: new FakeSocket(), sameUser: new FakeSocket(), other: new FakeSocket() };
    await session(user('1'), NOW, { id: 'n-1', socket: sockets.asked });
    await session(user('1'), NOW, { id: 'n-2', socket: sockets.sameUser });
    await session(user('2'), NOW, { id: 'n-3', socket: sockets.other });
    const joined = { about: 'own-room', user: user('1'), room, change: 'joined' } as const;
    feed.payload(encodeNotice({ ...joined, by: 'n-1', event: new Uint8Array([1]) }));
    // An older node names no session.
    feed.payload(encodeNotice({ ...joined, event: new Uint8Array([2]) }));
    const users = new Uint8Array(Buffer.from('1'.repeat(32) + '2'.repeat(32), 'hex'));
    feed.payload(
      encodeNotice({ about: 'own-room-deleted', room, users, by: 'n-2', event: new Uint8Array([3]) }),
    );
    flusher.close();
    const heard = (socket: FakeSocket): number[] => socket.frames.map((frame) => frame[0] ?? 0);
    expect(heard(sockets.asked)).toEqual([2, 3]);
    expect(heard(sockets.sameUser)).toEqual([1, 2]);
    expect(heard(sockets.other)).toEqual([3]);
  });

  it('a revocation ends the sessions of older tokens, of that user alone', async () => {
    const [old, fresh, other] = [
      await session(user('1'), NOW - 1),
      await session(user('1'), NOW),
      await session(user('2'), NOW - 1),
    ];
    feed.payload(encodeNotice({ about: 'revoked', user: user('1'), notBefore: NOW }));
    expect([old, fresh, other]).toEqual([['revoked'], [], []]);
  });

  it('an account that was closed or disabled has no session left, whatever the clock that made its token said', async () => {
    const [ahead, other] = [await session(user('1'), NOW + 60_000), await session(user('2'), NOW)];
    feed.payload(encodeNotice({ about: 'revoked', user: user('1'), notBefore: NOW, why: 'account_closed' }));
    expect([ahead, other]).toEqual([['account_closed'], []]);
  });

  it('when notices may have been missed, all revocations are read, however many there are', async () => {
    const since = Date.now();
    const [user1, user2] = [await session(user('1'), since - 1), await session(user('2'), since - 1)];
    await Promise.all(
      Array.from({ length: 2_500 }, (_, index) => {
        const other = parseUserId(index.toString(16).padStart(32, 'c'));
        return identities.revoke({ user: other ?? expect.unreachable(), notBefore: since });
      }),
    );
    await identities.revoke({ user: user('1'), notBefore: since + 1 });
    feed.missed();
    await eventually(() => expect(user1).toEqual(['revoked']));
    expect(user2).toEqual([]);
  });

  it('a ban for abuse is taken over', () => {
    feed.payload(encodeNotice({ about: 'abuse', user: user('a'), banMs: 5_000 }));
    expect(bans.told).toHaveBeenCalledExactlyOnceWith(user('a'), 5_000, expect.any(Number));
  });

  it('new secrets are read, and also when any notice may have been missed', () => {
    feed.payload(encodeNotice({ about: 'secrets' }));
    expect(secrets.changed).toHaveBeenCalledTimes(1);
    feed.payload(new Uint8Array([99, 2, 0]));
    expect(secrets.changed).toHaveBeenCalledTimes(2);
  });
});
