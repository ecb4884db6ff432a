import { describe, expect, it } from 'vitest';
import type { Role } from '../protocol/entities.ts';
import { mayAct, type RoomAct } from './roles.ts';

const roles: readonly Role[] = ['owner', 'moderator', 'member'];

/** Who may, by the role of whom it is done to (`none`: nobody, or somebody who is no member). */
function allowed(act: RoomAct, target: Role | 'none'): readonly Role[] {
  return roles.filter((actor) => mayAct(act, actor, ...(target === 'none' ? [] : [target])));
}

describe('what a role allows', () => {
  it.each(['rename', 'update', 'delete'] as const)('%s is for the owner', (act) => {
    expect(allowed(act, 'none')).toEqual(['owner']);
  });

  it.each(['grant', 'revoke'] as const)('%s is for the owner, over all others', (act) => {
    expect(allowed(act, 'member')).toEqual(['owner']);
    expect(allowed(act, 'moderator')).toEqual(['owner']);
    expect(allowed(act, 'owner')).toEqual([]);
  });

  it.each(['kick', 'ban'] as const)('%s is for those who stand above', (act) => {
    expect(allowed(act, 'member')).toEqual(['owner', 'moderator']);
    expect(allowed(act, 'moderator')).toEqual(['owner']);
    expect(allowed(act, 'owner')).toEqual([]);
  });

  it.each(['ban', 'unban', 'bans'] as const)('%s of somebody outside is for moderators too', (act) => {
    expect(allowed(act, 'none')).toEqual(['owner', 'moderator']);
  });
});
