import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type OutgoingEpochMessage,
  sealEpochMessage,
} from '../../client/crypto/epochs/seal-epoch-message.ts';
import { MemoryChainStore } from '../../client/crypto/memory-chain-store.ts';
import type { HeldEpoch, Reader, ReceivedCopy, SealedMessage } from '../../client/crypto/suite.ts';
import { randomBytes } from '../../client/crypto/web-crypto.ts';
import { sameBytes } from '../../src/protocol/bytes.ts';
import { encodeMessageHeader, parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import { type EpochPerson, honestEpoch, newEpochPerson } from './epoch-people.ts';
import {
  changed,
  NOW,
  newChain,
  newMessage,
  newRoom,
  open,
  opened,
  present,
  type ReaderSettings,
  readerOf,
} from './people.ts';

type HeldKey = HeldEpoch & { readonly key: Uint8Array };

let alice: EpochPerson;
let bob: EpochPerson;
let epoch: HeldKey;
const room = newRoom();
const chain = newChain();

beforeAll(async () => {
  [alice, bob] = await Promise.all([newEpochPerson('alice'), newEpochPerson('bob')]);
  epoch = (await honestEpoch(alice, [alice, bob], { room, keying: 1 })).held;
});

function draft(text: string, change: Partial<OutgoingEpochMessage> = {}): OutgoingEpochMessage {
  return {
    ...{ messageId: newMessage(), room, sender: alice.user, keys: alice.keys, chain, number: 0 },
    ...{ previousHash: new Uint8Array(0), roomSecret: undefined, sentAt: NOW, epoch },
    seen: { position: 0, headerHash: new Uint8Array(0) },
    content: { type: 'text', text },
    ...change,
  };
}

function copyOf(
  { header, ciphertext, wraps }: SealedMessage,
  change: Partial<ReceivedCopy> = {},
): ReceivedCopy {
  return { room, seq: 1, at: NOW, from: alice.user, header, ciphertext, wrap: wraps, ...change };
}

/** Bob's client, that knows this of the epoch. */
function reader(known: HeldEpoch | undefined = epoch, settings: Partial<ReaderSettings> = {}): Reader {
  const people = [alice, bob];
  return {
    ...readerOf(bob, { people, chains: new MemoryChainStore(), ...settings }),
    epoch: async (number) => (number === known?.number ? known : undefined),
  };
}

describe('a message of suite 2', () => {
  it('is read by whoever holds the key of its epoch, without a copy of its own', async () => {
    const sealed = await sealEpochMessage(draft('hello'));
    expect(sealed.wraps).toHaveLength(0);
    expect(await opened(copyOf(sealed), reader())).toMatchObject({
      status: 'ok',
      content: { text: 'hello' },
      marks: [],
    });
  });

  it('is refused with any byte of header or ciphertext changed', async () => {
    const sealed = await sealEpochMessage(draft('hello'));
    for (let at = 0; at < sealed.header.length; at += 1) {
      const copy = copyOf(sealed, { header: changed(sealed.header, at) });
      expect((await opened(copy, reader())).status, `byte ${at}`).not.toBe('ok');
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.ciphertext.length - 1), async (at) => {
        const copy = copyOf(sealed, { ciphertext: changed(sealed.ciphertext, at) });
        expect(await open(copy, reader())).toBe('altered: content_does_not_open');
      }),
      { numRuns: 40 },
    );
  });

  it('shares no key with another, even when everything else of the two is the same', async () => {
    const same = draft('twice');
    const sealed = await Promise.all([sealEpochMessage(same), sealEpochMessage(same)]);
    const [one, other] = sealed.map(({ header }) => parseMessageHeader(header));
    if (one?.ok !== true || other?.ok !== true) expect.unreachable('both have headers');
    expect(sameBytes(one.header.commitment, other.header.commitment)).toBe(false);
    const { header } = present(sealed[0]);
    const mixed = copyOf({ ...present(sealed[1]), header });
    expect(await open(mixed, reader())).toBe('altered: content_does_not_open');
  });

  it('that names another record of its epoch than the server showed is never called altered', async () => {
    const second = { ...epoch, recordHash: randomBytes(32) };
    const sealed = await sealEpochMessage(draft('hello', { epoch: second }));
    expect(await open(copyOf(sealed), reader())).toBe('undecryptable: epoch_differs');
  });

  it('is forged when it contradicts the record of its epoch', async () => {
    const lies: readonly Partial<HeldKey>[] = [
      { passwordNumber: 1 },
      { rosterVersion: epoch.rosterVersion + 1 },
      { recipients: randomBytes(32) },
    ];
    for (const lie of lies) {
      const roomSecret = lie.passwordNumber === undefined ? undefined : randomBytes(32);
      const sealed = await sealEpochMessage(draft('hello', { epoch: { ...epoch, ...lie }, roomSecret }));
      expect(await open(copyOf(sealed), reader())).toBe('forged: epoch_contradicted');
    }
  });

  it('is told apart by what is missing: the epoch, its key, or the password of its time', async () => {
    const sealed = copyOf(await sealEpochMessage(draft('hello')));
    expect(await open(sealed, reader({ ...epoch, number: 2 }))).toBe('undecryptable: epoch_unknown');
    expect(await open(sealed, reader({ ...epoch, key: undefined }))).toBe('undecryptable: epoch_key_deleted');
    const { epoch: _, ...suiteOneOnly } = reader();
    expect(await open(sealed, suiteOneOnly)).toBe('undecryptable: unsupported_suite');
    const locked = { ...epoch, passwordNumber: 4 };
    const roomSecret = randomBytes(32);
    const behind = copyOf(await sealEpochMessage(draft('hello', { epoch: locked, roomSecret })));
    expect(await open(behind, reader(locked))).toBe('needs_password: password_unknown');
    const secrets = new Map([[4, randomBytes(32)]]);
    expect(await open(behind, reader(locked, { secrets }))).toBe('altered: commitment_differs');
    expect(await open(behind, reader(locked, { secrets: new Map([[4, roomSecret]]) }))).toBe('ok: hello');
  });

  it('does not open under the key of another epoch', async () => {
    const sealed = copyOf(await sealEpochMessage(draft('hello')));
    expect(await open(sealed, reader({ ...epoch, key: randomBytes(32) }))).toBe(
      'altered: commitment_differs',
    );
  });

  it('cannot be signed by another member who holds the same key', async () => {
    const posing = await sealEpochMessage(
      draft('hello', { keys: { ...alice.keys, ed25519Sign: bob.keys.ed25519Sign } }),
    );
    expect(await open(copyOf(posing), reader())).toBe('forged: signature_differs');
  });

  it('fits its chain as one of suite 1 does', async () => {
    const first = await sealEpochMessage(draft('one'));
    const second = await sealEpochMessage(draft('two', { number: 1, previousHash: first.headerHash }));
    const wrong = await sealEpochMessage(draft('two', { number: 1, previousHash: randomBytes(32) }));
    const chains = new MemoryChainStore();
    const bobs = reader(epoch, { chains });
    expect(await open(copyOf(first), bobs)).toBe('ok: one');
    expect(await open(copyOf(wrong, { seq: 2 }), bobs)).toBe('altered: link_differs');
    expect(await open(copyOf(second, { seq: 2 }), bobs)).toBe('ok: two');
    expect(await open(copyOf(first, { seq: 3 }), bobs)).toBe('replayed: message_id_reused');
  });

  it('is marked when its sender had seen another order', async () => {
    const seen = { position: 1, headerHash: randomBytes(32) };
    const sealed = await sealEpochMessage(draft('hello', { seen }));
    const copy = copyOf(sealed, { stored: true });
    expect(await opened(copy, reader())).toMatchObject({ status: 'ok', marks: ['order_contradicted'] });
  });

  it('is not one when its header says less than layout 3', async () => {
    const sealed = await sealEpochMessage(draft('hello'));
    const parsed = parseMessageHeader(sealed.header);
    if (!parsed.ok) expect.unreachable(parsed.reason);
    const { epoch: _, ...layoutTwo } = parsed.header;
    const copy = copyOf(sealed, { header: encodeMessageHeader(layoutTwo) });
    expect(await open(copy, reader())).toBe('undecryptable: wrap_does_not_open');
  });
});
