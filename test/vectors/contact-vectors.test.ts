import { describe, expect, it } from 'vitest';
import { verifiedInvitation } from '../../client/crypto/invitation.ts';
import { importEd25519Public } from '../../client/crypto/web-crypto.ts';
import { parseInvitation } from '../../src/protocol/layouts/invitation.ts';
import contacts from './contacts.json' with { type: 'json' };
import keys from './keys.json' with { type: 'json' };
import { contactVectors } from './make-contacts.ts';
import { bytes, present } from './vector-keys.ts';

describe('our code agrees with the stored vectors', () => {
  it('about names of direct rooms and about invitations', async () => {
    expect(await contactVectors(keys.alice)).toEqual(contacts);
    const { from, to, room, name, at, letter } = contacts.invitation;
    const ed25519Verify = await importEd25519Public(bytes(keys.alice.ed25519_public));
    const verified = await verifiedInvitation(bytes(letter), { ed25519Verify });
    expect(verified).toEqual({ from, to, room, name, at });
  });

  it('about what is no invitation, or not signed by whom it names', async () => {
    const letter = bytes(contacts.invitation.letter);
    const ed25519Verify = await importEd25519Public(bytes(keys.bob.ed25519_public));
    expect(await verifiedInvitation(letter, { ed25519Verify })).toBeUndefined();
    expect(parseInvitation(letter.subarray(1))).toBeUndefined();
    expect(parseInvitation(new Uint8Array([...letter, 0]))).toBeUndefined();
    // The same fields, a time in a longer form than it needs.
    const at = letter.indexOf(0xcf);
    expect(present(parseInvitation(letter)).invitation.at).toBe(contacts.invitation.at);
    expect(parseInvitation(letter.with(at, 0xd3))).toBeUndefined();
    expect(parseInvitation(letter.subarray(0, 64))).toBeUndefined();
  });
});
