import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BoundedWebSocket } from '../../client/cli/bounded-web-socket.ts';
import { linkCommit, linkSecrets, newLinkShare } from '../../client/crypto/link-secrets.ts';
import { sealAccount } from '../../client/crypto/sealed-account.ts';
import { confirmedAccount, type Dialling } from '../../client/sdk/backup/fetched-backup.ts';
import { type LinkTicket, parseLinkTicket } from '../../client/sdk/backup/link-ticket.ts';
import { NewDevice } from '../../client/sdk/backup/new-device.ts';
import { systemClock } from '../../client/sdk/connection/clock.ts';
import { contentOf, packContent } from '../../client/sdk/storage/account-content.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { refuse } from '../../src/protocol/error-reply.ts';
import { linkAccountContext } from '../../src/protocol/layouts/link-inputs.ts';
import { LINK_ENTRIES_LAST } from '../../src/protocol/limits.ts';
import { parseOrigin } from '../../src/protocol/origin.ts';
import { type Actor, Theatre } from '../support/hostile/theatre.ts';
import { present } from './people.ts';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await Theatre.open();
});
afterEach(() => theatre.hostile.begin());
afterAll(() => theatre[Symbol.asyncDispose]());

function dialling(): Dialling {
  return {
    ...{ origin: present(parseOrigin(theatre.hostile.url)), webSocket: BoundedWebSocket },
    ...{ clock: systemClock, program: 'new device' },
  };
}

const typed = ({ code }: NewDevice): LinkTicket => present(parseLinkTicket(code));
const scanned = ({ ticket }: NewDevice): LinkTicket => present(parseLinkTicket(ticket));

/** A device that shows its code, for the test that runs. */
async function newDevice(): Promise<NewDevice & AsyncDisposable> {
  const device = await NewDevice.open(dialling());
  return Object.assign(device, { [Symbol.asyncDispose]: () => device.close() });
}

/** Both have said what they say before a person types anything. */
async function met(actor: Actor, device: NewDevice, ticket = typed(device)) {
  const [digits, handOver] = await Promise.all([device.digits(), actor.client.handOver(ticket)]);
  return { digits, handOver };
}

/** What the old device put into channels, of the account and what stands for a refusal. */
const partsGiven = (): readonly Uint8Array[] =>
  theatre.hostile.asked.flatMap((request) => {
    const put = request.name === 'link' ? request.body.put : undefined;
    return put !== undefined && put.number >= 3 && put.number < LINK_ENTRIES_LAST ? [put.data] : [];
  });

const nothing = (parts: readonly Uint8Array[]): boolean =>
  parts.every((part) => part.length === 1 && part[0] === 0);

describe('a link of two devices', () => {
  it('hands over the whole account once the digits were typed, and the new device is the account', async () => {
    const [alice, bob] = [
      await theatre.actor(theatre.name('Alice')),
      await theatre.actor(theatre.name('Bob')),
    ];
    const { shown } = await alice.client.safetyNumber((await bob.client.me()).user);
    await alice.client.verify(shown);
    await using device = await newDevice();
    const { digits, handOver } = await met(alice, device);
    expect(digits).toMatch(/^\d{6}$/);
    expect(handOver.needsDigits).toBe(true);
    const arriving = device.account();
    const giving = handOver.give(digits);
    const { content, fingerprint, user } = await arriving;
    await device.confirm();
    await giving;
    expect({ user, fingerprint }).toEqual(
      await alice.client.me().then((me) => ({ user: me.id, fingerprint: me.fingerprint })),
    );
    expect(content).toEqual(await contentOf(alice.storage, 'device'));
    expect((await confirmedAccount(dialling(), content)).account).toEqual(alice.storage.account);
  });

  it('needs no digits when the key was scanned', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    await using device = await newDevice();
    const { handOver } = await met(alice, device, scanned(device));
    expect(handOver.needsDigits).toBe(false);
    const [{ content }] = await Promise.all([
      device.account().then(async (arrived) => {
        await device.confirm();
        return arrived;
      }),
      handOver.give(),
    ]);
    expect(content.account).toEqual(alice.storage.account);
  });

  it('goes on over connections that are lost, as a server closes those without a login', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    await using device = await newDevice();
    const showing = device.digits();
    theatre.hostile.cut();
    const handOver = await alice.client.handOver(typed(device));
    const digits = await showing;
    theatre.hostile.cut();
    const giving = handOver.give(digits);
    expect((await device.account()).content.account).toEqual(alice.storage.account);
    theatre.hostile.cut();
    await device.confirm();
    await giving;
  });

  it('gives nothing for wrong digits, tells the new device, and takes no second guess', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    await using device = await newDevice();
    const { digits, handOver } = await met(alice, device);
    const wrong = String((Number(digits) + 1) % 1_000_000).padStart(6, '0');
    const arriving = expect(device.account()).rejects.toMatchObject({ code: 'trust' });
    await expect(handOver.give(wrong)).rejects.toMatchObject({ code: 'trust' });
    await arriving;
    await expect(handOver.give(digits)).rejects.toThrow('one guess');
    expect(nothing(partsGiven())).toBe(true);
  });

  it('tells the old device that the new one did not take the account, before it was given and after', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    const late = await newDevice();
    const first = await met(alice, late);
    const giving = expect(first.handOver.give(first.digits)).rejects.toMatchObject({ code: 'trust' });
    await late.account();
    await late.close();
    await giving;

    const early = await newDevice();
    const second = await met(alice, early);
    await early.close();
    const given = partsGiven().length;
    await expect(second.handOver.give(second.digits)).rejects.toMatchObject({ code: 'trust' });
    expect(partsGiven().length).toBe(given);
  });

  it('is answered by one device alone, and does not disturb another link', async () => {
    const [alice, bob] = [
      await theatre.actor(theatre.name('Alice')),
      await theatre.actor(theatre.name('Bob')),
    ];
    await using device = await newDevice();
    await using other = await newDevice();
    const [first, second] = await Promise.all([met(alice, device), met(bob, other)]);
    await expect(bob.client.handOver(typed(device))).rejects.toMatchObject({ code: 'conflict' });
    for (const [at, { digits, handOver }, actor] of [
      [device, first, alice],
      [other, second, bob],
    ] as const) {
      const giving = handOver.give(digits);
      expect((await at.account()).content.account).toEqual(actor.storage.account);
      await at.confirm();
      await giving;
    }
  });

  it('that nobody answers ends when the channel is over, and a code that nobody shows is refused', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    await using device = await newDevice();
    theatre.hostile.reply('link', () => refuse('auth_failed'));
    await expect(device.digits()).rejects.toMatchObject({ code: 'auth_failed' });
    theatre.hostile.honest();
    await expect(alice.client.handOver({ code: '00000000' })).rejects.toMatchObject({ code: 'auth_failed' });
  });
});

/** Stands between the two with keys of its own on either side. */
async function inTheMiddle() {
  const [towardsOld, towardsNew] = [await newLinkShare(), await newLinkShare()];
  const commit = await linkCommit(towardsOld.share);
  const heard: { old?: Uint8Array; fresh?: Uint8Array; commit?: Uint8Array; channel?: Uint8Array } = {};
  theatre.hostile.reply('link', (reply, { channel, want }) => {
    if (reply.data === undefined) return reply;
    // Devices of earlier tests may still wait for the end of their links: they ask for no commitment.
    if (want === 0) Object.assign(heard, { channel, commit: reply.data });
    if (want === 1) heard.old = reply.data;
    if (want === 2) heard.fresh = reply.data;
    const instead = { 0: commit, 1: towardsNew.share, 2: towardsOld.share }[want ?? -1];
    return instead === undefined ? reply : { data: instead };
  });
  return { towardsOld, towardsNew, heard };
}

describe('a server in the middle of a link', () => {
  it('is shown by digits that differ, and is given nothing', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    await inTheMiddle();
    await using device = await newDevice();
    const { digits, handOver } = await met(alice, device);
    await expect(handOver.give(digits)).rejects.toMatchObject({ code: 'trust' });
    expect(nothing(partsGiven())).toBe(true);
  });

  it('is found out at once when the key was scanned', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    await inTheMiddle();
    await using device = await newDevice();
    const waiting = device.digits().catch(() => undefined);
    await expect(alice.client.handOver(scanned(device))).rejects.toMatchObject({ code: 'trust' });
    await waiting;
    expect(nothing(partsGiven())).toBe(true);
  });

  it('cannot choose a key for the old device after it has seen that one’s', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    const chosen = await newLinkShare();
    theatre.hostile.reply('link', (reply, { want }) =>
      want === 2 && reply.data !== undefined ? { data: chosen.share } : reply,
    );
    await using device = await newDevice();
    const waiting = device.digits().catch(() => undefined);
    await expect(alice.client.handOver(typed(device))).rejects.toMatchObject({ code: 'trust' });
    await waiting;
    expect(nothing(partsGiven())).toBe(true);
  });

  it('cannot use what an earlier link said again, on either side', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    await using first = await newDevice();
    await met(alice, first);
    const said = new Map<number, Uint8Array>();
    for (const request of theatre.hostile.asked)
      if (request.name === 'link' && request.body.put !== undefined)
        said.set(request.body.put.number, request.body.put.data);
    for (const replayed of [[0, 2], [1]]) {
      theatre.hostile.begin();
      theatre.hostile.reply('link', (reply, { want = -1 }) => {
        const data = replayed.includes(want) ? said.get(want) : undefined;
        return reply.data === undefined || data === undefined ? reply : { data };
      });
      await using device = await newDevice();
      const { digits, handOver } = await met(alice, device);
      await expect(handOver.give(digits)).rejects.toMatchObject({ code: 'trust' });
      expect(nothing(partsGiven())).toBe(true);
    }
  });

  it('cannot alter the account, cut it short, or claim more parts than there may be', async () => {
    const alice = await theatre.actor(theatre.name('Alice'));
    const lies: readonly ((data: Uint8Array) => Uint8Array)[] = [
      (data) => data.map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
      (data) => data.slice(0, -1),
      (data) => concatBytes(Uint8Array.of(255), data.subarray(1)),
      (data) => data.slice(0, 0),
    ];
    for (const lie of lies) {
      theatre.hostile.reply('link', (reply, { want }) =>
        want === 3 && reply.data !== undefined ? { data: lie(reply.data) } : reply,
      );
      await using device = await newDevice();
      const { digits, handOver } = await met(alice, device);
      void handOver.give(digits).catch(() => undefined);
      await expect(device.account()).rejects.toMatchObject({ code: 'trust' });
    }
  });

  it('that gives the new device an account of its own is shown by its name and fingerprint', async () => {
    const [alice, mallory] = [
      await theatre.actor(theatre.name('Alice')),
      await theatre.actor(theatre.name('Mallory')),
    ];
    const { towardsNew, heard } = await inTheMiddle();
    await using device = await newDevice();
    await met(alice, device);
    const { commit, fresh, channel } = heard;
    const { origin } = dialling();
    const transcript = {
      ...{ origin, channel: present(channel), commit: present(commit) },
      ...{ old: towardsNew.share, fresh: present(fresh) },
    };
    const secrets = present(await linkSecrets(towardsNew, present(fresh), transcript));
    const packed = packContent(await contentOf(mallory.storage, 'device'));
    const sealed = await sealAccount(secrets.key, linkAccountContext(secrets.transcriptHash), packed);
    theatre.hostile.reply('link', (reply, { want }) =>
      want === 3 ? { data: concatBytes(Uint8Array.of(1), sealed) } : reply,
    );
    const arrived = await device.account();
    expect(arrived.content.account.name).toBe(mallory.storage.account.name);
    expect(arrived.fingerprint).toBe((await mallory.client.me()).fingerprint);
    expect(arrived.fingerprint).not.toBe((await alice.client.me()).fingerprint);
  });
});
