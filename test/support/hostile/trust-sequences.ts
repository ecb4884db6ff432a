import fc from 'fast-check';
import { expect } from 'vitest';
import { ConclaveError } from '../../../client/sdk/errors.ts';
import { KeyEnds } from '../../../client/sdk/people/key-ends.ts';
import { loadOwnAccount, newAccountKeys } from '../../../client/sdk/people/own-account.ts';
import { People } from '../../../client/sdk/people/people.ts';
import { PersonStore } from '../../../client/sdk/people/person-store.ts';
import { REPLACED_GRACE_MS } from '../../../client/sdk/people/trust-model.ts';
import { MemoryState } from '../../../client/sdk/storage/memory-state.ts';
import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import { parseRoomId, parseUserId, type UserId } from '../../../src/protocol/ids.ts';
import { foldName } from '../../../src/protocol/names.ts';
import { all, checks, type Doc, doc, isDescendant, known } from './identity-tree.ts';

/**
 * What a hostile server may say, in any order, with restarts of the client and decisions of a person between any two steps. The test
 * knows who really signed what, and holds every answer of the model of trust against that.
 */

/** A person's decisions, restarts and statements of the server in one sequence. */
const STEPS_MAX = 8;

const user = (byte: string) => parseUserId(byte.repeat(16)) ?? expect.unreachable();
const [bob, carol, mallory, me] = [user('b0'), user('c0'), user('e0'), user('a0')];
const users = [bob, carol, mallory] as const;
const room = parseRoomId('70'.repeat(16)) ?? expect.unreachable();

const account = { ...(await loadOwnAccount(await newAccountKeys('Ada'))), user: me };

const chains = [
  ['B0'],
  ['B0', 'B1'],
  ['B0', 'B1', 'B2'],
  ['B0', 'T1'],
  ['B0', 'X1'],
  ['F0'],
  ['F0', 'F1'],
  ['B1', 'B2'],
  ['C0', 'C1'],
  [],
] as const;

type Step =
  | { readonly kind: 'show'; readonly user: number; readonly doc: number }
  | { readonly kind: 'serve'; readonly chain: number }
  | { readonly kind: 'list'; readonly user: number; readonly doc: number; readonly since: number }
  | { readonly kind: 'lookUp' | 'accept' | 'compare'; readonly user: number; readonly doc: number }
  | { readonly kind: 'restart' | 'wait' };

/** Mostly one user and his own documents, so that what is said about them meets. */
const userAt = fc.constantFrom(0, 0, 0, 0, 1, 2);
const docAt = fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('show' as const), user: userAt, doc: docAt }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('serve' as const), chain: fc.nat({ max: chains.length - 1 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      user: userAt,
      doc: docAt,
      since: fc.nat({ max: 20 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('lookUp' as const, 'accept' as const, 'compare' as const),
      user: userAt,
      doc: docAt,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'wait' as const) }) },
);

/** What may be believed of one user, by what really was signed and decided. */
interface Truth {
  /** The first key, or the one that a person accepted last. */
  root: Doc | undefined;
  /** The latest document of the root's descendants that was taken. */
  current: Doc | undefined;
  compared: Doc | undefined;
  wasSeen: boolean;
}

const unseen = (): Truth => ({ root: undefined, current: undefined, compared: undefined, wasSeen: false });

/** One profile against one server. */
class World {
  readonly #state = new MemoryState();
  readonly #truth = new Map(users.map((id) => [id, unseen()]));
  readonly #owner = new Map<string, UserId>();
  #chain: readonly SignedIdentity[] = [];
  #now = 1_000_000;
  readonly #clock = { wallTime: () => this.#now };
  #people = this.#open();

  #open(): People {
    return new People({
      state: this.#state,
      account,
      fetchChain: (_user, since) => Promise.resolve(this.#chain.slice(since)),
      notices: { tell: () => undefined },
      clock: this.#clock,
      checks,
    });
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'serve':
        this.#chain = (chains[step.chain] ?? []).map((label) => doc(label).signed);
        return;
      case 'restart':
        this.#people = this.#open();
        return;
      case 'wait':
        this.#now += REPLACED_GRACE_MS + 1;
        return;
      default: {
        const id = users[step.user] ?? expect.unreachable();
        const shown = all[step.doc] ?? expect.unreachable();
        await this.#about(step, id, shown);
        await this.holds(id, [shown]);
      }
    }
  }

  async #about(
    step: Exclude<Step, { kind: 'serve' | 'restart' | 'wait' }>,
    id: UserId,
    shown: Doc,
  ): Promise<void> {
    const { username } = shown.identity.document;
    switch (step.kind) {
      case 'show':
        await this.#people.observe(id, username, shown.signed);
        this.#saw(id, shown);
        return;
      case 'list':
        await this.#people.observe(id, username, shown.signed);
        this.#saw(id, shown);
        await new KeyEnds({ state: this.#state, people: this.#people, clock: this.#clock }).listed(
          { room, user: id, identity: shown.identity, since: step.since },
          { version: 10, head: 10 },
        );
        return;
      case 'lookUp':
        await this.#people.acceptedIdentity(id, shown.identity.fingerprint);
        return;
      case 'accept':
        if (await this.#decided(() => this.#people.accept({ user: id, signed: shown.signed }))) {
          this.#truth.set(id, { root: shown, current: shown, compared: undefined, wasSeen: true });
          this.#owner.set(foldName(username), id);
        }
        return;
      case 'compare':
        if (await this.#decided(() => this.#people.compare({ user: id, signed: shown.signed })))
          this.#of(id).compared = shown;
        return;
      default:
        step satisfies never;
    }
  }

  async #decided(decide: () => Promise<void>): Promise<boolean> {
    try {
      await decide();
      return true;
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'trust') return false;
      throw error;
    }
  }

  #of(id: UserId): Truth {
    return this.#truth.get(id) ?? expect.unreachable();
  }

  /** First contact makes a root, for a name that is free. */
  #saw(id: UserId, shown: Doc): void {
    const truth = this.#of(id);
    if (truth.wasSeen) return;
    truth.wasSeen = true;
    const folded = foldName(shown.identity.document.username);
    const owner = this.#owner.get(folded) ?? id;
    if (owner !== id) return;
    this.#owner.set(folded, id);
    truth.root = shown;
    truth.current = shown;
  }

  async holds(id: UserId, looked: readonly Doc[]): Promise<void> {
    const truth = this.#of(id);
    await this.#hasOnlyMovedForward(id, truth);
    const verified: Doc[] = [];
    for (const one of looked) {
      const { fingerprint } = one.identity;
      if (['current', 'within_grace'].includes(await this.#people.sealingVerdict(id, one.identity))) {
        // Sealed for nobody but the root, what it signed, and what that signed.
        expect(truth.root !== undefined && isDescendant(one, truth.root), `sealed for ${one.label}`).toBe(
          true,
        );
        // And for what was taken: never for a successor that nobody was shown.
        expect(
          truth.current !== undefined && isDescendant(truth.current, one),
          `sealed for ${one.label}`,
        ).toBe(true);
        expect(this.#owner.get(foldName(one.identity.document.username))).toBe(id);
      }
      if ((await this.#people.trustOf(id, fingerprint)) === 'verified') verified.push(one);
    }
    // Verified is the compared key, and only while it is the current one.
    for (const one of verified) {
      expect(one).toBe(truth.compared);
      expect(one).toBe(truth.current);
    }
  }

  /** The accepted identity is the root, or what it and its successors really signed; it never goes back. */
  async #hasOnlyMovedForward(id: UserId, truth: Truth): Promise<void> {
    const record = await new PersonStore(this.#state).record(id);
    const current = record === undefined || record.keys.length === 0 ? undefined : known(record.current);
    if (current === truth.current) return;
    expect(truth.current !== undefined && isDescendant(current, truth.current), `now ${current?.label}`).toBe(
      true,
    );
    truth.current = current;
  }
}

/** Throws, with the shortest sequence that does it, when one of `count` changes whom the client believes. */
export async function playTrustSequences(count: number, seed: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: STEPS_MAX }), async (steps) => {
      const world = new World();
      for (const one of steps) await world.take(one);
      for (const id of users) await world.holds(id, all);
    }),
    { numRuns: count, seed },
  );
}
