import { describe, expect, test } from 'vitest';
import { newPrekeyChain, prekeySeed } from '../../../../client/crypto/epochs/prekeys.ts';
import {
  xWingDecapsulate,
  xWingEncapsulate,
  xWingPublicKey,
} from '../../../../client/crypto/epochs/x-wing.ts';
import { loadIdentityKeys } from '../../../../client/crypto/identity-keys.ts';
import {
  ed25519Sign,
  ed25519Verify,
  importEd25519Public,
  importRsaPublic,
  importX25519Private,
  oaepDecrypt,
  oaepEncrypt,
  pssSign,
  pssVerify,
  randomBytes,
  x25519,
} from '../../../../client/crypto/web-crypto.ts';
import { newAccountKeys } from '../../../../client/sdk/people/own-account.ts';
import { WebProfile } from '../../../../client/web/storage/web-profile.ts';
import { utf8 } from '../../../../src/protocol/bytes.ts';
import { origin, twoHandles } from './indexed-db-contracts.ts';

const PASSPHRASE = 'four unlikely words here';
const SECRET_BYTES = 32;
/** Each reads the keys once more, and takes a key from the passphrase. */
const ROUNDS = 3;

/** That keys which come from the database of a browser do what they were made for. */
export function keptKeysTests(): void {
  describe('keys that are read back from the database of a browser', () => {
    test('sign, decrypt and agree as those that were written there', async () => {
      await using handles = await twoHandles();
      const made = await newAccountKeys('Ada');
      const [identity = expect.unreachable()] = made.identities;
      const chain = newPrekeyChain();
      const account = { ...made, identities: [{ ...identity, prekeys: chain }] };
      const before = await loadIdentityKeys(identity.keys);
      if (!before.ok) return expect.unreachable(before.reason);
      const [ed25519, rsa] = [
        await importEd25519Public(before.keys.signingKey),
        await importRsaPublic(before.keys.rsaKey),
      ];
      const prekey = await xWingPublicKey((await prekeySeed(chain, chain.week)) ?? expect.unreachable());
      const ephemeral = await importX25519Private(randomBytes(SECRET_BYTES));
      const scalar = identity.keys.ed25519;
      const ecdh = await importX25519Private(scalar);
      await new WebProfile(handles.one).create(origin, account, PASSPHRASE);
      handles.one.close();

      for (let round = 0; round < ROUNDS; round += 1) {
        const { keys } = await new WebProfile(handles.other).open(origin, account.name, PASSPHRASE);
        const [{ keys: bytes, prekeys = expect.unreachable() } = expect.unreachable()] = (await keys.load())
          .identities;
        const loaded = await loadIdentityKeys(bytes);
        if (!loaded.ok) return expect.unreachable(loaded.reason);
        const said = utf8(`round ${round}`);
        expect(await ed25519Verify(ed25519, await ed25519Sign(loaded.keys.ed25519Sign, said), said)).toBe(
          true,
        );
        expect(await pssVerify(rsa.verify, await pssSign(loaded.keys.rsaSign, said), said)).toBe(true);
        const secret = randomBytes(SECRET_BYTES);
        const wrapped = await oaepEncrypt(rsa.encrypt, said, secret);
        expect(await oaepDecrypt(loaded.keys.rsaDecrypt, said, wrapped, SECRET_BYTES)).toEqual(secret);
        const agreed = await x25519(await importX25519Private(bytes.ed25519), ephemeral.publicKey);
        expect(agreed).toHaveLength(SECRET_BYTES);
        expect(agreed).toEqual(await x25519(ephemeral, ecdh.publicKey));
        const seed = (await prekeySeed(prekeys, prekeys.week)) ?? expect.unreachable();
        const sealed = (await xWingEncapsulate(prekey)) ?? expect.unreachable();
        expect(await xWingDecapsulate(seed, sealed.ciphertext)).toEqual(sealed.secret);
      }
    });
  });
}
