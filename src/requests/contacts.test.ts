import { beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { anyRoom, listen, roomNamed } from '../../test/support/ports/service-world.ts';
import { makeRoom, type RoomOnTwoNodes, roomOnTwoNodes, twoNodes } from '../../test/support/ports/set-ups.ts';
import type { Caller } from '../core/caller.ts';
import { parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { encodeInvitation, type Invitation, joinInvitation } from '../protocol/layouts/invitation.ts';
import { BLOCKS_PAGE_MAX, INVITATION_LIFE_MS, INVITATIONS_WAITING_MAX } from '../protocol/limits.ts';
import type { RequestBody } from '../protocol/requests.ts';

const nobodysId: UserId = parseUserId('0'.repeat(32)) ?? expect.unreachable();

/** Signed by nobody: that is for readers to judge. */
function letterOf(invitation: Invitation): Uint8Array {
  return joinInvitation({ document: encodeInvitation(invitation), signature: new Uint8Array(64).fill(7) });
}

function inviting(
  { user: from }: Caller,
  { user: to }: Caller,
  room: RoomId,
  changed: Partial<Invitation> = {},
): RequestBody<'invite'> {
  const letter = letterOf({ from, to, room, name: roomNamed('lobby'), at: 5, ...changed });
  return { room, user: to, letter };
}

describe('an invitation to a room', () => {
  let scene: RoomOnTwoNodes;
  beforeEach(async () => {
    scene = await roomOnTwoNodes('lobby', ['bob']);
  });

  const waitingFor = async (caller: Caller) =>
    accepted(await scene.b.requests.invitations(caller, {})).invitations;

  it('waits for the invited user, whose sessions on every node hear of it, until it is dismissed', async () => {
    const { a, b, bob, eve, room } = scene;
    const heard = await listen(b, 'control');
    const body = inviting(bob, eve, room);
    accepted(await a.requests.invite(bob, body));
    const at = expect.any(Number);
    const facts = { room, name: 'lobby', password: false, kind: 'room', from: bob.user, fromName: 'bob', at };
    expect(await waitingFor(eve)).toEqual([{ ...facts, letter: body.letter }]);
    await eventually(() =>
      expect(heard.notices).toContainEqual(expect.objectContaining({ about: 'invitation', user: eve.user })),
    );
    accepted(await a.requests.dismiss(eve, { room }));
    accepted(await a.requests.dismiss(eve, { room }));
    expect(await waitingFor(eve)).toEqual([]);
  });

  it('is under the name and password that the room has when it is read', async () => {
    const { a, ann, bob, eve, room } = scene;
    accepted(await a.requests.invite(bob, inviting(bob, eve, room)));
    accepted(await a.requests.rename(ann, { room, name: roomNamed('hall') }));
    const password = { salt: new Uint8Array(32), proof: new Uint8Array(32) };
    accepted(await a.requests.update(ann, { room, password }));
    expect(await waitingFor(eve)).toMatchObject([{ name: 'hall', password: true }]);
  });

  it('is over after two weeks, and gone with its room', async () => {
    const { world, a, b, ann, bob, eve, room } = scene;
    accepted(await a.requests.invite(bob, inviting(bob, eve, room)));
    world.clock.aheadMs = INVITATION_LIFE_MS - 60_000;
    expect(await waitingFor(eve)).toHaveLength(1);
    world.clock.aheadMs = INVITATION_LIFE_MS + 60_000;
    expect(await waitingFor(eve)).toEqual([]);
    accepted(await a.requests.invite(bob, inviting(bob, eve, room)));
    expect(await waitingFor(eve)).toHaveLength(1);
    accepted(await b.requests.delete(ann, { room }));
    expect(await waitingFor(eve)).toEqual([]);
    const stored = () => world.stores.contacts.invitations(eve.user, world.clock.nowMs());
    await eventually(async () => expect(await stored()).toEqual([]));
  });

  it('is taken only from members, for users who are none, with a letter of exactly these', async () => {
    const { a, ann, bob, eve, room } = scene;
    const refusalOf = async (caller: Caller, body: RequestBody<'invite'>) =>
      ((await a.requests.invite(caller, body)) as { readonly refused?: string }).refused;
    expect(await refusalOf(eve, inviting(eve, bob, room))).toBe('not_a_member');
    expect(await refusalOf(bob, inviting(bob, ann, room))).toBe('already_a_member');
    expect(await refusalOf(bob, inviting(bob, bob, room))).toBe('already_a_member');
    for (const changed of [{ from: ann.user }, { to: ann.user }, { room: anyRoom() }])
      expect(await refusalOf(bob, inviting(bob, eve, room, changed))).toBe('bad_request');
    expect(await refusalOf(bob, { room, user: eve.user, letter: new Uint8Array(90) })).toBe('bad_request');
    const nobody = { ...eve, user: nobodysId };
    expect(await refusalOf(bob, inviting(bob, nobody, room))).toBe('invalid_name');
    expect(await waitingFor(eve)).toEqual([]);
  });

  it('looks the same for whoever blocked the inviter, was banned, is disabled, or has too many', async () => {
    const { world, a, ann, bob, eve, room } = scene;
    const [dan, fay, gus] = [await world.caller('dan'), await world.caller('fay'), await world.caller('gus')];
    accepted(await a.requests.block(eve, { user: bob.user }));
    accepted(await a.requests.ban(ann, { room, user: dan.user }));
    await world.stores.identities.setDisabled(fay.user, true);
    for (let count = 0; count < INVITATIONS_WAITING_MAX; count += 1) {
      const other = await makeRoom(a, ann, `room${count}`);
      accepted(await a.requests.invite(ann, inviting(ann, gus, other.room)));
    }
    const answers = [];
    for (const to of [eve, dan, fay, gus])
      answers.push(await a.requests.invite(bob, inviting(bob, to, room)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ refused: 'unreachable' });
    expect(await waitingFor(eve)).toEqual([]);
  });

  it('is limited for each inviter, and for each two', async () => {
    const hourly = (burst: number) => ({ count: burst, periodMs: 3_600_000, burst });
    const limits = { rateInvitesPair: hourly(2), rateInvitesUser: hourly(4) };
    const { world, a, b } = await twoNodes([], limits);
    const ann = await world.caller('ann');
    const others = await Promise.all(['one', 'two', 'three'].map((name) => world.caller(name)));
    const { room } = await makeRoom(a, ann, 'lobby');
    const [first, second, third] = others;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three callers');
    const invite = (to: Caller, node = a) => node.requests.invite(ann, inviting(ann, to, room));
    accepted(await invite(first));
    accepted(await invite(first, b));
    expect(await invite(first, b)).toMatchObject({ refused: 'rate_limited' });
    accepted(await invite(second));
    expect(await invite(third, b)).toMatchObject({ refused: 'rate_limited' });
  });
});

describe('a block list', () => {
  it('is read in pages by id, and removes what the blocked had sent', async () => {
    const { world, a, b, ann, bob, eve, room } = await roomOnTwoNodes('lobby', ['bob']);
    accepted(await a.requests.invite(bob, inviting(bob, eve, room)));
    const blocked = [bob];
    for (let count = 0; count <= BLOCKS_PAGE_MAX; count += 1)
      blocked.push(await world.caller(`user${count}`));
    for (const { user } of blocked) accepted(await a.requests.block(eve, { user }));
    expect(accepted(await b.requests.invitations(eve, {})).invitations).toEqual([]);
    const first = accepted(await b.requests.blocks(eve, {}));
    expect(first.users).toHaveLength(BLOCKS_PAGE_MAX);
    const rest = accepted(await b.requests.blocks(eve, { ...(first.cursor && { cursor: first.cursor }) }));
    const listed = [...first.users, ...rest.users];
    const expected = blocked.map(({ user, name }) => ({ user, name }));
    expect(listed).toEqual([...expected].sort((one, other) => (one.user < other.user ? -1 : 1)));
    expect(rest.cursor).toBeUndefined();
    accepted(await b.requests.unblock(eve, { user: bob.user }));
    accepted(await a.requests.invite(bob, inviting(bob, eve, room)));
    expect(accepted(await b.requests.blocks(ann, {})).users).toEqual([]);
  });

  it('takes neither oneself nor nobody', async () => {
    const { a, eve } = await roomOnTwoNodes('lobby');
    expect(await a.requests.block(eve, { user: eve.user })).toMatchObject({ refused: 'bad_request' });
    expect(await a.requests.block(eve, { user: nobodysId })).toMatchObject({ refused: 'invalid_name' });
  });
});
