import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { type AccountKeys, ConclaveError, newAccountKeys } from '../../../client/sdk/index.ts';
import type { ErrorName } from '../../../src/protocol/codes.ts';
import type { RoomId } from '../../../src/protocol/ids.ts';
import type { RoomName } from '../../../src/protocol/names.ts';
import { RawSession } from './raw-session.ts';
import { WireTap } from './wire-tap.ts';

/** Those who were refused come back at different times. */
const RETRY_SPREAD_MS = 1_000;
/** Registrations under way at a time. */
const OPENING_AT_ONCE = 10;

/** One of a crowd on the bare protocol, light enough for hundreds in one process. */
export class Wanderer implements AsyncDisposable {
  readonly session: RawSession;
  /** How many rooms it has been in, and left. */
  visits = 0;
  /** The longest wait for an answer of any kind. */
  slowestMs = 0;

  constructor(session: RawSession) {
    this.session = session;
  }

  /** In and out of one room after the other, as fast as the server lets it. */
  async wander(rooms: readonly (readonly [RoomName, RoomId])[], untilMs: number): Promise<void> {
    while (performance.now() < untilMs) {
      const [name, id] = rooms[Math.floor(Math.random() * rooms.length)] ?? expect.unreachable();
      await this.join(name);
      await this.#insist(() => this.session.request('enter', { rooms: [id] }));
      await this.#insist(() => this.session.request('members', { room: id }));
      await this.leave(id);
      this.visits += 1;
    }
  }

  join(name: RoomName): Promise<void> {
    return this.#insist(() => this.session.request('join', { name }), 'already_a_member');
  }

  leave(room: RoomId): Promise<void> {
    return this.#insist(() => this.session.request('leave', { room }), 'not_a_member');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }

  /** Asks until it is so, as a client does: after a refusal that a retry can help, not before its time. */
  async #insist(ask: () => Promise<unknown>, done?: ErrorName): Promise<void> {
    for (;;) {
      const refused = await this.#answered(ask());
      if (refused === undefined || refused.code === done) return;
      expect(['conflict', 'rate_limited', 'unavailable']).toContain(refused.code);
      await pause((refused.retryAfterMs ?? 0) + Math.random() * RETRY_SPREAD_MS);
    }
  }

  async #answered(asking: Promise<unknown>): Promise<ConclaveError | undefined> {
    const startedAtMs = performance.now();
    try {
      await asking;
      return undefined;
    } catch (error) {
      if (error instanceof ConclaveError) return error;
      throw error;
    } finally {
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAtMs);
    }
  }
}

/** Registers so many, spread over these gateways. */
export async function openCrowd(count: number, urls: readonly string[]): Promise<readonly Wanderer[]> {
  // Accounts may share an RSA key, and making hundreds would take longer than any test.
  const donor = await newAccountKeys('Donor');
  const rsa = donor.identities[0]?.keys.rsa;
  const crowd: Wanderer[] = [];
  while (crowd.length < count) {
    const many = Math.min(OPENING_AT_ONCE, count - crowd.length);
    const opening = Array.from({ length: many }, async (_, i) => {
      const number = crowd.length + i;
      const account = await newAccountKeys(`Wanderer${number}`, rsa === undefined ? {} : { rsa });
      return new Wanderer(await openOne(account, urls[number % urls.length] ?? ''));
    });
    crowd.push(...(await Promise.all(opening)));
  }
  return crowd;
}

/** Registering is not what such a test is about, and its store may be slow. */
async function openOne(account: AccountKeys, url: string): Promise<RawSession> {
  for (;;) {
    try {
      return await RawSession.open({ url, account, register: true, wire: new WireTap({ eventsMax: 0 }) });
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'unavailable') throw error;
    }
  }
}
