import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainAt, newPrekeyChain, signPrekeys } from '../../client/crypto/epochs/prekeys.ts';
import { errorCodes } from '../../src/protocol/codes.ts';
import { parseIdentityDocument } from '../../src/protocol/layouts/identity-document.ts';
import { type PreparedEpoch, prepareEpoch, under, withoutWraps } from '../support/ports/epoch-maker.ts';
import type { RawReply } from '../support/raw-client.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';
import { type Member, nextMessage, refusal, ServerScene, type SharedRoom } from './server-scene.ts';

/** An epoch that this member makes for the room as it is, after `before`. */
function prepared(
  { person, user }: Member,
  { info, members }: SharedRoom,
  before?: PreparedEpoch,
  change: Parameters<typeof prepareEpoch>[3] = {},
): Promise<PreparedEpoch> {
  const state = { ...info, password: { number: 0 }, members };
  return prepareEpoch({ user, keys: person.keys }, state, before, change);
}

async function commit(
  { client }: Member,
  { body: { room }, bodyHash, wraps, record }: PreparedEpoch,
): Promise<RawReply<'epoch'> | undefined> {
  await client.ask('wraps', { room, bodyHash, part: 0, bytes: wraps });
  return client.request('epoch', { room, record });
}

let gateway: LiveGateway;
beforeAll(async () => {
  gateway = await startLiveGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const scene = (): ServerScene => new ServerScene(gateway.url);
const vault = () => scene().roomOfTwo({ suite: 2 });

describe('epochs on a gateway', () => {
  it('are stored with all of their wraps, of which every member gets its own', async () => {
    const shared = await vault();
    const { ann, bob, room } = shared;
    expect(shared.info).toMatchObject({ suite: 2 });
    expect(shared.info).not.toHaveProperty('header');
    const epoch = await prepared(ann, shared);
    const { record } = epoch;
    expect(await refusal(ann.client.request('epoch', { room, record }))).toBe('wraps_missing');
    for (const time of ['first', 'again'])
      expect((await commit(ann, epoch))?.ok, time).toEqual({ at: expect.any(Number) });
    const told = await bob.client.event('epoch');
    expect(told).toMatchObject({ room, epoch: { number: 1, record } });
    const page = await bob.client.ask('epochs', { room, after: 0, limit: 10 });
    expect(page).toEqual({ epochs: [told.epoch], more: false });
    const { rooms } = await ann.client.ask('enter', { rooms: [room], suite: 2 });
    expect(rooms).toMatchObject([{ info: { epoch: 1 } }]);
    const unsupported = errorCodes.unsupported_version.code;
    expect((await bob.client.ask('enter', { rooms: [room] })).rooms).toEqual([{ room, error: unsupported }]);
    const eve = await scene().member('Eve');
    expect(await refusal(eve.client.request('join', { name: shared.name }))).toBe('unsupported_version');
  });

  it('are one of each number, and whoever makes another gets the first', async () => {
    const shared = await vault();
    const { ann, bob, room } = shared;
    const [first, rival] = [await prepared(ann, shared), await prepared(bob, shared)];
    await commit(ann, first);
    // The last is of the next number, but nothing has happened that it would be for.
    for (const late of [rival, await prepared(bob, shared, first)]) {
      const refused = await commit(bob, late);
      expect([refused?.error, refused?.epoch?.record]).toEqual(['conflict', first.record]);
    }
    const repair = await commit(bob, await prepared(bob, shared, first, { reason: 'repair' }));
    expect(repair?.error).toBeUndefined();
    const { epochs } = await ann.client.ask('epochs', { room, after: 1, limit: 10 });
    expect(epochs.map(({ number }) => number)).toEqual([2]);
  });

  it('have messages without wraps, while they are among the newest two', async () => {
    const shared = await vault();
    const { ann, bob } = shared;
    const sealed = (by: Member, epoch: PreparedEpoch) =>
      withoutWraps(nextMessage(by, shared, under(epoch)), epoch);
    const first = await prepared(ann, shared);
    expect(await refusal(ann.client.request('send', sealed(ann, first)))).toBe('unknown_epoch');
    await commit(ann, first);
    expect((await bob.client.ask('send', sealed(bob, first))).seq).toBe(1);
    expect((await ann.client.event('deliver')).message).toMatchObject({ seq: 1, wrap: new Uint8Array(0) });
    let newest = first;
    for (const maker of [ann, bob]) {
      newest = await prepared(maker, shared, newest, { reason: 'repair' });
      expect((await commit(maker, newest))?.error).toBeUndefined();
    }
    expect(await refusal(bob.client.request('send', sealed(bob, first)))).toBe('unknown_epoch');
  });

  it('are wrapped to prekeys, of which members see the one of the week', async () => {
    const { ann, bob, room } = await vault();
    const parsed = parseIdentityDocument(bob.person.identity.document);
    const { createdAt } = parsed.ok ? parsed.document : expect.unreachable();
    const owner = { user: bob.user, createdAt };
    const prekeys = await signPrekeys(await chainAt(newPrekeyChain(), 1), owner, bob.person.keys, 2);
    expect(await bob.client.ask('prekey', { prekeys })).toEqual({});
    const shown = await ann.client.ask('prekeys', { room });
    expect(shown.prekeys).toEqual([{ user: bob.user, prekey: prekeys[0] }]);
  });
});
