import { expect, test } from 'vitest';
import { parseRoomId, parseUserId } from '../../../src/protocol/ids.ts';
import { checks, doc } from '../../../test/support/hostile/identity-tree.ts';
import { MemoryState } from '../storage/memory-state.ts';
import type { StateTable } from '../storage/state-store.ts';
import { KeyEnds } from './key-ends.ts';
import { loadOwnAccount, newAccountKeys } from './own-account.ts';
import { People } from './people.ts';

const bob = parseUserId('b0'.repeat(16)) ?? expect.unreachable();
const me = parseUserId('a0'.repeat(16)) ?? expect.unreachable();
const room = parseRoomId('70'.repeat(16)) ?? expect.unreachable();
const account = { ...(await loadOwnAccount(await newAccountKeys('Ada'))), user: me };
const clock = { wallTime: () => 1_000_000 };

/** A state that another process changes right after Bob's record was read. */
class SharedState extends MemoryState {
  readings = 0;
  afterReading: (() => Promise<void>) | undefined;

  override async get(table: StateTable, key: string): Promise<Uint8Array | undefined> {
    const value = await super.get(table, key);
    if (table !== 'people' || key !== bob) return value;
    this.readings += 1;
    const change = this.afterReading;
    this.afterReading = undefined;
    await change?.();
    return value;
  }
}

/** Bob's first key was just replaced by one that it signed. The other process accepts a key without a signature. */
async function replaced() {
  const state = new SharedState();
  const [first, second, other] = ['B0', 'B1', 'F0'].map(doc);
  if (first === undefined || second === undefined || other === undefined) return expect.unreachable();
  const open = (): People =>
    new People({
      ...{ state, account, checks, clock, notices: { tell: () => undefined } },
      fetchChain: async () => [first.signed, second.signed],
    });
  const [people, elsewhere] = [open(), open()];
  const { username } = first.identity.document;
  for (const { signed } of [first, second]) await people.observe(bob, username, signed);
  await elsewhere.observe(bob, other.identity.document.username, other.signed);
  state.readings = 0;
  state.afterReading = () => elsewhere.accept({ user: bob, signed: other.signed });
  return { state, people, first };
}

const entered = { version: 10, head: 10 };

test('a verdict about a former key is of one moment', async () => {
  const { people, state, first } = await replaced();
  expect(await people.sealingVerdict(bob, first.identity)).toBe('within_grace');
  expect(state.readings).toBe(1);
  expect(await people.sealingVerdict(bob, first.identity)).toBe('changed');
});

test('trust in a listed key is of one moment', async () => {
  const { people, state, first } = await replaced();
  expect(await people.listedTrust(bob, first.identity)).toBe('pinned');
  expect(state.readings).toBe(1);
  expect(await people.listedTrust(bob, first.identity)).toBe('changed');
});

test('where a listed former key ends is decided by one reading', async () => {
  const { people, state, first } = await replaced();
  const ends = new KeyEnds({ state, people, clock });
  await ends.listed({ room, user: bob, identity: first.identity, since: 1 }, entered);
  expect(state.readings).toBe(1);
});
