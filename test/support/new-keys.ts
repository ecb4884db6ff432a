import {
  generatePrivateKeys,
  type IdentityKeys,
  loadIdentityKeys,
} from '../../client/crypto/identity-keys.ts';

/** Of a new identity, ready for use. */
export async function newKeys(): Promise<IdentityKeys> {
  const loaded = await loadIdentityKeys(await generatePrivateKeys());
  if (!loaded.ok) throw new Error(loaded.reason);
  return loaded.keys;
}
