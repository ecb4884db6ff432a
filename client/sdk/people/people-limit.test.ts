import { expect, test } from 'vitest';
import { parseUserId } from '../../../src/protocol/ids.ts';
import { checks, doc } from '../../../test/support/hostile/identity-tree.ts';
import type { Notice } from '../notice.ts';
import { MemoryState } from '../storage/memory-state.ts';
import { loadOwnAccount, newAccountKeys } from './own-account.ts';
import { People } from './people.ts';

const me = parseUserId('a0'.repeat(16)) ?? expect.unreachable();
const user = (byte: string) => parseUserId(byte.repeat(16)) ?? expect.unreachable();
const [bob, cid, dan, eve] = ['b0', 'c0', 'd0', 'e0'].map(user);
const account = { ...(await loadOwnAccount(await newAccountKeys('Ada'))), user: me };

function opened(state: MemoryState, notices: Notice[]): People {
  return new People({
    ...{ state, account, checks, notices: { tell: (notice: Notice) => void notices.push(notice) } },
    fetchChain: async () => [],
    clock: { wallTime: () => 1_000_000 },
    peopleMax: 2,
  });
}

test('a server that shows people without end fills no disk, and those it has shown before stay who they are', async () => {
  if (bob === undefined || cid === undefined || dan === undefined || eve === undefined) expect.unreachable();
  const [first, other, changed] = ['B0', 'B1', 'F0'].map(doc);
  if (first === undefined || other === undefined || changed === undefined) expect.unreachable();
  const state = new MemoryState();
  const notices: Notice[] = [];
  const people = opened(state, notices);
  const shown = first.identity.document.username;
  await people.observe(bob, shown, first.signed);
  // Under the name of somebody else: a suspicion takes a place, too.
  await people.observe(cid, shown, first.signed);
  for (const stranger of [dan, eve]) {
    await people.observe(stranger, shown, first.signed);
    expect(await people.sealingVerdict(stranger, first.identity)).toBe('unpinned');
  }
  expect(await state.list('people')).toHaveLength(2);
  expect(notices.filter(({ type }) => type === 'people-full')).toEqual([
    { type: 'people-full', peopleMax: 2 },
  ]);

  // Nobody was forgotten, in this process or the next one.
  const later = opened(state, notices);
  for (const reader of [people, later]) {
    expect(await reader.sealingVerdict(bob, first.identity)).toBe('current');
    await reader.observe(bob, changed.identity.document.username, changed.signed);
    expect(await reader.sealingVerdict(bob, changed.identity)).toBe('changed');
    await reader.observe(dan, shown, first.signed);
    expect(await reader.sealingVerdict(dan, first.identity)).toBe('unpinned');
  }
  expect(await state.list('people')).toHaveLength(2);
  expect(await state.list('names')).toHaveLength(1);
});

test('a person may accept somebody whom a full profile did not pin, by exactly the key that was shown', async () => {
  const [first, other] = ['B0', 'B1'].map(doc);
  if (bob === undefined || cid === undefined || dan === undefined) expect.unreachable();
  if (first === undefined || other === undefined) expect.unreachable();
  const state = new MemoryState();
  const people = opened(state, []);
  const shown = first.identity.document.username;
  for (const user of [bob, cid, dan]) await people.observe(user, shown, first.signed);
  expect(await people.sealingVerdict(dan, first.identity)).toBe('unpinned');
  await people.accept({ user: dan, signed: first.signed });
  expect(await people.sealingVerdict(dan, first.identity)).toBe('current');
  expect(await people.sealingVerdict(dan, other.identity)).toBe('changed');
  expect(await state.list('people')).toHaveLength(3);
});
