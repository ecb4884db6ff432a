import { idFrom } from '../lib/random-id.ts';
import { utf8 } from '../protocol/bytes.ts';
import { ID_BYTES, parseRoomId, parseUserId, type RoomId, type UserId } from '../protocol/ids.ts';
import { encodeIdentityDocument } from '../protocol/layouts/identity-document.ts';
import { ED25519_KEY_BYTES } from '../protocol/limits.ts';
import { type FoldedName, parseUserName } from '../protocol/names.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';
import { keyedHash, type ServerPurpose } from './server-hash.ts';

/** What stands in for people and rooms that do not exist. The same name gets the same on every node, for ever. */
export class Decoys {
  readonly #secrets: ClusterSecrets;

  constructor(secrets: ClusterSecrets) {
    this.#secrets = secrets;
  }

  /** An identity document that holds one of the made-up keys. */
  identityDocument(name: FoldedName): Uint8Array {
    const { decoyKeys } = this.#secrets.secrets;
    const [high = 0, low = 0] = this.#hash('decoy-key', name);
    const rsaKey = decoyKeys[(high * 256 + low) % decoyKeys.length];
    const username = parseUserName(name);
    if (rsaKey === undefined || username === undefined) throw new TypeError('decoys are made for user names');
    // No signature is checked under it; it only has to be one that the parser takes.
    const signingKey = new Uint8Array(ED25519_KEY_BYTES).fill(0x66);
    const previousHash = new Uint8Array(0);
    return encodeIdentityDocument({ username, rsaKey, signingKey, sequence: 0, previousHash, createdAt: 0 });
  }

  /** Number and salt of a password setting. Most rooms keep their first password: so do most made-up ones. */
  roomPassword(name: FoldedName): { readonly number: number; readonly salt: Uint8Array } {
    const [first = 0] = this.#hash('decoy-number', name);
    const number = first < 224 ? 1 : first < 248 ? 2 : 3;
    return { number, salt: this.#hash('decoy-salt', name) };
  }

  /** What no proof hashes to. */
  proofHash(name: FoldedName): Uint8Array {
    return this.#hash('decoy-proof', name);
  }

  /** An id that no room has, for asking the same services about a room that is not there. */
  room(name: FoldedName): RoomId {
    return idFrom(parseRoomId, this.#hash('decoy-room', name).subarray(0, ID_BYTES));
  }

  /** An id that no user has, for the same. */
  user(name: FoldedName): UserId {
    return idFrom(parseUserId, this.#hash('decoy-user', name).subarray(0, ID_BYTES));
  }

  /** What no fetch token of a backup hashes to. */
  tokenHash(name: FoldedName): Uint8Array {
    return this.#hash('decoy-token', name);
  }

  #hash(purpose: Extract<ServerPurpose, `decoy-${string}`>, name: FoldedName): Uint8Array {
    return keyedHash(this.#secrets.secrets.decoySecret, purpose, utf8(name));
  }
}
