import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toHex } from '../../src/protocol/bytes.ts';
import { fingerprintInput } from '../../src/protocol/layouts/identity-document.ts';
import { backupVectors, linkVectors } from './make-backup.ts';
import { connectionVectors } from './make-connection.ts';
import { contactVectors } from './make-contacts.ts';
import { contentVectors } from './make-content.ts';
import { epochVectors } from './make-epochs.ts';
import { fileVectors } from './make-files.ts';
import { identityVectors } from './make-identity.ts';
import { messageVectors, seenMessageVectors } from './make-message.ts';
import { roomLifeVectors } from './make-room-life.ts';
import { roomPasswordVectors } from './make-room-password.ts';
import { safetyNumberVectors } from './make-safety-number.ts';
import { scanVectors } from './make-scan.ts';
import { userStateVectors } from './make-user-state.ts';
import { keysOf, newPrivateKeys, type VectorPerson } from './vector-keys.ts';

/**
 * Writes every vector file but x-wing.json, which others published: `npx tsx test/vectors/generate.ts`. The keys in keys.json are kept when they are there. RSA-PSS
 * and RSA-OAEP draw randomness, so signatures and encrypted values differ from run to run; everything else stays.
 */

function pathOf(name: string): string {
  return fileURLToPath(new URL(`${name}.json`, import.meta.url));
}

function write(name: string, vectors: unknown): void {
  writeFileSync(pathOf(name), `${JSON.stringify(vectors, null, 2)}\n`);
}

type PrivateHalf = Pick<VectorPerson, 'rsa_pkcs8' | 'ed25519_seed'>;

async function person(stored: PrivateHalf | undefined): Promise<VectorPerson> {
  const secret = stored ?? (await newPrivateKeys());
  const keys = await keysOf(secret);
  return {
    rsa_pkcs8: secret.rsa_pkcs8,
    ed25519_seed: secret.ed25519_seed,
    rsa_spki: toHex(keys.rsaKey),
    ed25519_public: toHex(keys.signingKey),
    fingerprint_input: toHex(fingerprintInput(keys.rsaKey, keys.signingKey)),
    fingerprint: keys.fingerprint,
  };
}

const stored: Record<string, PrivateHalf> = existsSync(pathOf('keys'))
  ? JSON.parse(readFileSync(pathOf('keys'), 'utf8'))
  : {};
const keys = {
  alice: await person(stored['alice']),
  alice_after_rotation: await person(stored['alice_after_rotation']),
  bob: await person(stored['bob']),
};

write('keys', keys);
write('identity', await identityVectors(keys.alice, keys.alice_after_rotation));
write('connection', await connectionVectors(keys.alice));
write('message', await messageVectors(keys.alice, keys.bob));
write('message-layout-2', await seenMessageVectors(keys.alice, keys.bob));
write('epochs', await epochVectors(keys.alice, keys.bob));
write('content', contentVectors());
write('files', await fileVectors());
write('room-password', await roomPasswordVectors());
write('backup', await backupVectors());
write('link', await linkVectors());
write('contacts', await contactVectors(keys.alice));
write('room-life', await roomLifeVectors(keys.alice));
write('user-state', await userStateVectors(keys.alice));
write('safety-number', await safetyNumberVectors(keys.alice, keys.bob));
write('scan', scanVectors());
