import { expect, it } from 'vitest';
import { anyMember } from '../../test/contract/support-store.ts';
import { heirOf } from './heir.ts';

const owner = anyMember({ role: 'owner', joined: 0, since: 1 });

it('lets the moderator who joined first inherit, whoever joined before as a member', () => {
  const member = anyMember({ joined: 1, since: 2 });
  const early = anyMember({ role: 'moderator', joined: 5, since: 9 });
  const late = anyMember({ role: 'moderator', joined: 6, since: 4 });
  expect(heirOf([late, member, owner, early], owner)).toBe(early);
});

it('lets the member who joined first inherit in a room without moderators', () => {
  const early = anyMember({ joined: 3, since: 8 });
  expect(heirOf([anyMember({ joined: 4, since: 2 }), owner, early], owner)).toBe(early);
});

it('names the same of those who joined at one position, whatever their order', () => {
  const members = [2, 3, 3].map((since) => anyMember({ joined: 0, since }));
  const [first] = members;
  expect(heirOf([...members, owner], owner)).toBe(first);
  expect(heirOf([...members, owner].reverse(), owner)).toBe(first);
});

it('finds no heir in a room without others', () => {
  expect(heirOf([owner], owner)).toBeUndefined();
});
