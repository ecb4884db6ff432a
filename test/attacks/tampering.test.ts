import { decode } from '@msgpack/msgpack';
import { beforeAll, describe, expect, it } from 'vitest';
import { deriveContentKeys } from '../../client/crypto/content-keys.ts';
import type { OutgoingMessage, SealedMessage } from '../../client/crypto/suite.ts';
import { suiteOne } from '../../client/crypto/suite-one.ts';
import {
  aesGcmEncrypt,
  oaepDecrypt,
  oaepEncrypt,
  randomBytes,
  sha256,
} from '../../client/crypto/web-crypto.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { encodeMessageHeader, parseMessageHeader } from '../../src/protocol/layouts/message-header.ts';
import { CONTENT_KEY_BYTES, wrapLabel } from '../../src/protocol/layouts/message-inputs.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import {
  addressed,
  changed,
  NOW,
  newPerson,
  newRoom,
  open,
  opened,
  type Person,
  present,
  ROSTER_VERSION,
  readerOf,
  Sender,
} from './people.ts';

let alice: Person;
let bob: Person;
let mallory: Person;

beforeAll(async () => {
  [alice, bob, mallory] = await Promise.all([newPerson('alice'), newPerson('bob'), newPerson('mallory')]);
});

/** What a member knows about a message of another: everything but the sender's signing key. */
async function contentKeyOf(person: Person, sealed: SealedMessage, wrap: Uint8Array): Promise<Uint8Array> {
  const label = wrapLabel(sealed.headerHash);
  return present(await oaepDecrypt(person.keys.rsaDecrypt, label, wrap, CONTENT_KEY_BYTES));
}

const headerOf = (bytes: Uint8Array) => {
  const parsed = parseMessageHeader(bytes);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.header;
};

describe('a server that forges or alters messages', () => {
  it('cannot change a byte of header, ciphertext or wrap unseen', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const reader = readerOf(bob, { people: [alice, bob] });
    expect(await open({ ...copy, ciphertext: changed(copy.ciphertext) }, reader)).toBe(
      'altered: content_does_not_open',
    );
    expect(await open({ ...copy, ciphertext: changed(copy.ciphertext, 0) }, reader)).toBe(
      'altered: content_does_not_open',
    );
    expect(await open({ ...copy, ciphertext: new Uint8Array(0) }, reader)).toBe(
      'altered: content_does_not_open',
    );
    expect(await open({ ...copy, wrap: changed(copy.wrap) }, reader)).toBe(
      'undecryptable: wrap_does_not_open',
    );
    expect(await open({ ...copy, wrap: new Uint8Array(0) }, reader)).toBe(
      'undecryptable: wrap_does_not_open',
    );
    expect(await open({ ...copy, header: changed(copy.header) }, reader)).toBe(
      'undecryptable: wrap_does_not_open',
    );
    expect(await open({ ...copy, header: changed(copy.header, 0) }, reader)).toBe(
      'altered: header_malformed',
    );
    expect(await open({ ...copy, header: concatBytes(copy.header, Uint8Array.of(0)) }, reader)).toBe(
      'altered: header_malformed',
    );
    expect(await open(copy, reader)).toBe('ok: hello');
  });

  it('cannot say that another member sent a message', async () => {
    const sender = new Sender(alice, [alice, bob, mallory], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const reader = readerOf(bob, { people: [alice, bob, mallory] });
    expect(await open({ ...copy, from: mallory.user }, reader)).toBe('forged: wrong_sender');
  });

  it('cannot write in the name of a member, not even together with another member', async () => {
    const room = newRoom();
    const sender = new Sender(mallory, [alice, bob, mallory], room);
    const posing = { sender: alice.user, keys: { ...mallory.keys, fingerprint: alice.keys.fingerprint } };
    const copy = { ...sender.copyFor(bob, await sender.say('pay her', posing), 1), from: alice.user };
    expect(await open(copy, readerOf(bob, { people: [alice, bob, mallory] }))).toBe(
      'forged: signature_differs',
    );
  });

  it('cannot introduce keys of its own for a known sender', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello', { keys: mallory.keys }), 1);
    expect(await open(copy, readerOf(bob, { people: [alice, bob] }))).toBe('forged: unknown_identity');
  });

  it('cannot use keys that the sender replaced before that roster version', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const people = [alice, bob];
    expect(await open(copy, readerOf(bob, { people, replacedAt: ROSTER_VERSION }))).toBe(
      'forged: replaced_identity',
    );
    expect(await open(copy, readerOf(bob, { people, replacedAt: ROSTER_VERSION + 1 }))).toBe('ok: hello');
  });

  it('cannot have a member re-address a message of another member to somebody else', async () => {
    const sender = new Sender(alice, [alice, bob, mallory], newRoom());
    const sealed = await sender.say('only between us');
    const contentKey = await contentKeyOf(mallory, sealed, sender.copyFor(mallory, sealed, 1).wrap);
    const header = headerOf(sealed.header);
    const moved = encodeMessageHeader({ ...header, room: newRoom() });
    const wrap = await oaepEncrypt(bob.identity.rsaEncrypt, wrapLabel(await sha256(moved)), contentKey);
    const copy = { ...sender.copyFor(bob, sealed, 1), room: headerOf(moved).room, header: moved, wrap };
    expect(await open(copy, readerOf(bob, { people: [alice, bob] }))).toBe('altered: content_does_not_open');
  });
});

describe('a server that moves wraps', () => {
  it('cannot open one message with the wrap of another', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const first = sender.copyFor(bob, await sender.say('first'), 1);
    const second = sender.copyFor(bob, await sender.say('second'), 2);
    const reader = readerOf(bob, { people: [alice, bob] });
    expect(await open({ ...second, wrap: first.wrap }, reader)).toBe('undecryptable: wrap_does_not_open');
  });

  it('cannot move a whole message to another room', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const reader = readerOf(bob, { people: [alice, bob] });
    expect(await open({ ...copy, room: newRoom() }, reader)).toBe('forged: wrong_room');
  });

  it('cannot put a wrap under another header', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const header = encodeMessageHeader({ ...headerOf(copy.header), sentAt: NOW - 1 });
    expect(await open({ ...copy, header }, readerOf(bob, { people: [alice, bob] }))).toBe(
      'undecryptable: wrap_does_not_open',
    );
  });
});

describe('ghosts', () => {
  it('a member whom only the server added to the sender’s list is shown: recipients differ', async () => {
    const sender = new Sender(alice, [alice, bob, mallory], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const message = await opened(copy, readerOf(bob, { people: [alice, bob] }));
    expect(message).toMatchObject({ status: 'ok', marks: ['recipients_differ'] });
  });

  it('a member list that cannot be known is marked as well', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const reader = { ...readerOf(bob, { people: [alice, bob] }), recipientsHash: async () => undefined };
    expect(await opened(copy, reader)).toMatchObject({ status: 'ok', marks: ['recipients_differ'] });
  });

  it('a ghost wrap for a member without the room password opens nothing', async () => {
    const roomSecret = randomBytes(32);
    const sender = new Sender(alice, [alice, bob, mallory], newRoom());
    const sealed = await sender.say('secret', { passwordNumber: 3, roomSecret });
    const people = [alice, bob, mallory];
    const ghostCopy = sender.copyFor(mallory, sealed, 1);
    expect(await open(ghostCopy, readerOf(mallory, { people }))).toBe('needs_password: password_unknown');
    const guess = new Map([[3, randomBytes(32)]]);
    expect(await open(ghostCopy, readerOf(mallory, { people, secrets: guess }))).toBe(
      'altered: commitment_differs',
    );
    const right = new Map([[3, roomSecret]]);
    expect(await open(sender.copyFor(bob, sealed, 1), readerOf(bob, { people, secrets: right }))).toBe(
      'ok: secret',
    );
  });
});

describe('two plaintexts for one ciphertext', () => {
  it('a second content key for the same ciphertext breaks the commitment', async () => {
    const sender = new Sender(mallory, [alice, bob, mallory], newRoom());
    const sealed = await sender.say('for bob');
    const otherKey = randomBytes(32);
    const wrap = await oaepEncrypt(alice.identity.rsaEncrypt, wrapLabel(sealed.headerHash), otherKey);
    const copy = { ...sender.copyFor(alice, sealed, 1), wrap };
    const people = [alice, bob, mallory];
    expect(await open(copy, readerOf(alice, { people }))).toBe('altered: commitment_differs');
  });

  it('nor can the room secret be swapped under one content key', async () => {
    const contentKey = randomBytes(32);
    const open = await deriveContentKeys(contentKey, new Uint8Array(0));
    const locked = await deriveContentKeys(contentKey, randomBytes(32));
    expect(open.commitment).not.toStrictEqual(locked.commitment);
    expect(open.aesKey).not.toStrictEqual(locked.aesKey);
  });

  it('every sealing draws a new content key, so header and content never change under an old one', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const draft: OutgoingMessage = sender.draft('hello');
    const first = await suiteOne.seal(draft);
    const again = await suiteOne.seal({
      ...draft,
      members: [addressed(alice), addressed(bob), addressed(mallory)],
    });
    expect(headerOf(again.header)).toMatchObject({ messageId: draft.messageId, number: draft.number });
    expect(headerOf(again.header).commitment).not.toStrictEqual(headerOf(first.header).commitment);
  });
});

describe('a server that plays with versions and times', () => {
  it('cannot make a client read a header of another version or suite', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const fields = decode(copy.header);
    if (!Array.isArray(fields)) throw new Error('a header is an array');
    const reader = readerOf(bob, { people: [alice, bob] });
    const older = encode([0, ...fields.slice(1)]);
    const weaker = encode([1, 0, ...fields.slice(2)]);
    const later = encode([1, 2, ...fields.slice(2), 'more']);
    expect(await open({ ...copy, header: older }, reader)).toBe('undecryptable: unsupported_layout');
    expect(await open({ ...copy, header: weaker }, reader)).toBe('undecryptable: unsupported_suite');
    expect(await open({ ...copy, header: later }, reader)).toBe('undecryptable: unsupported_suite');
  });

  it('cannot lie about the time by more than a day without a mark, in either direction', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const copy = sender.copyFor(bob, await sender.say('hello'), 1);
    const reader = readerOf(bob, { people: [alice, bob] });
    const day = 24 * 60 * 60 * 1000;
    expect(await opened({ ...copy, at: NOW + day }, reader)).toMatchObject({
      status: 'ok',
      marks: [],
    });
    expect(await opened({ ...copy, at: NOW + day + 1 }, reader)).toMatchObject({
      status: 'ok',
      marks: ['late'],
    });
    expect(await opened({ ...copy, at: NOW - day - 1 }, reader)).toMatchObject({
      status: 'ok',
      marks: ['late'],
    });
  });
});

describe('members that seal nonsense', () => {
  it('one that does not open never hides the others', async () => {
    const sender = new Sender(alice, [alice, bob], newRoom());
    const reader = readerOf(bob, { people: [alice, bob] });
    const copies = [];
    for (const [index, text] of ['one', 'two', 'three'].entries())
      copies.push(sender.copyFor(bob, await sender.say(text), index + 1));
    const [one, two, three] = copies;
    expect(await open(present(one), reader)).toBe('ok: one');
    expect(await open({ ...present(two), wrap: new Uint8Array(256) }, reader)).toBe(
      'undecryptable: wrap_does_not_open',
    );
    expect(await opened(present(three), reader)).toMatchObject({ status: 'ok', missing: 1 });
  });

  it('a plaintext too short for a signature is told from a changed one', async () => {
    const sender = new Sender(mallory, [alice, mallory], newRoom());
    const sealed = await sender.say('hello');
    const keys = await deriveContentKeys(
      await contentKeyOf(mallory, sealed, sender.copyFor(mallory, sealed, 1).wrap),
      new Uint8Array(0),
    );
    const ciphertext = await aesGcmEncrypt(keys.aesKey, keys.nonce, sealed.header, new Uint8Array(20));
    const copy = { ...sender.copyFor(alice, sealed, 1), ciphertext };
    expect(await open(copy, readerOf(alice, { people: [alice, mallory] }))).toBe(
      'altered: plaintext_malformed',
    );
  });
});
