import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { greeting, KeyedPerson, testAddress } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import { listen, type ServiceNode, type ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import type { AdminBody } from '../protocol/admin-actions.ts';
import { parseUserName, type UserName } from '../protocol/names.ts';
import { administration } from './administration.ts';
import { beginLogin, finishLogin } from './logins.ts';
import { register } from './registration.ts';

const authFailed = { refused: 'auth_failed' };

function named(text: string): UserName {
  const name = parseUserName(text);
  if (name === undefined) throw new Error(`${text} is no user name`);
  return name;
}

describe('control of accounts', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  beforeAll(async () => {
    ann = await KeyedPerson.make('Ann');
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([ann]));
  });

  const acts = (node: ServiceNode) => ({
    revoke: (body: AdminBody<'revoke'>) => administration.revoke(node.core, body),
    disable: (body: AdminBody<'disable'>) => administration.disable(node.core, body),
    enable: (body: AdminBody<'enable'>) => administration.enable(node.core, body),
  });
  const ANY_CASE = named('aNN');

  it('revoke: every token is dead on every node, sessions are told to end, and a new login is taken', async () => {
    const control = await listen(b, 'control');
    const opened = await Promise.all([ann.login(a.core), ann.login(b.core)]);
    expect(await acts(a).revoke({ user: ANY_CASE })).toEqual({ user: 'Ann' });
    for (const { reply } of opened)
      for (const node of [a, b]) expect(await ann.resumes(node, reply.token)).toBe(false);
    const [{ user } = { user: undefined }] = opened;
    await eventually(() => expect(control.notices).toMatchObject([{ about: 'revoked', user }]));
    expect(control.notices[0]).not.toHaveProperty('why');
    const fresh = await ann.login(b.core);
    expect(await ann.resumes(a, fresh.reply.token)).toBe(true);
  });

  it('disable: no login on any node, in the same words as for a name that nobody has', async () => {
    const control = await listen(b, 'control');
    const opened = await ann.login(b.core);
    expect(await acts(a).disable({ user: ANY_CASE })).toEqual({ user: 'Ann' });
    expect(await ann.resumes(b, opened.reply.token)).toBe(false);
    await eventually(() =>
      expect(control.notices).toMatchObject([{ about: 'revoked', user: opened.user, why: 'account_closed' }]),
    );
    for (const node of [a, b])
      for (const username of ['ann', 'nobody']) {
        const at = greeting();
        const pending = accepted(await beginLogin(node.core, at, testAddress, { username }));
        expect(pending.reply.challenge).toHaveLength(256);
        const body = (await ann.answer(at, pending)) ?? { mac: new Uint8Array(32) };
        expect(await finishLogin(node.core, pending, body)).toEqual(authFailed);
      }
    const at = greeting();
    const again = await (await KeyedPerson.make('Ann')).registration(at);
    expect(await register(a.core, at, testAddress, again)).toEqual({ refused: 'name_taken' });
  });

  it('disable: a challenge that was given before opens nothing after', async () => {
    const at = greeting();
    const pending = accepted(await beginLogin(b.core, at, testAddress, { username: 'ann' }));
    const answer = await ann.answer(at, pending);
    if (answer === undefined) throw new Error('the challenge opens');
    await acts(a).disable({ user: ANY_CASE });
    expect(await finishLogin(b.core, pending, answer)).toEqual(authFailed);
  });

  it('enable: logins are taken again, and what was revoked stays dead', async () => {
    const before = await ann.login(a.core);
    await acts(a).disable({ user: ANY_CASE });
    expect(await acts(b).enable({ user: ANY_CASE })).toEqual({ user: 'Ann' });
    expect(await ann.resumes(a, before.reply.token)).toBe(false);
    const after = await ann.login(a.core);
    expect(await ann.resumes(b, after.reply.token)).toBe(true);
  });

  it('says of a name that nobody has, and of a closed account, that there is no such user', async () => {
    const { user } = await ann.login(a.core);
    await world.stores.identities.close(user, Date.now());
    for (const action of ['revoke', 'disable', 'enable'] as const)
      for (const name of ['Nobody', 'Ann'])
        expect(await acts(a)[action]({ user: named(name) })).toEqual({ refused: 'no_such_user' });
  });
});
