import { concatBytes, utf8 } from '../../../src/protocol/bytes.ts';
import { randomBytes, type WebKey } from '../../crypto/web-crypto.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a key that cannot be taken out again. */
export class RecordCipher {
  readonly #key: WebKey;

  private constructor(key: WebKey) {
    this.#key = key;
  }

  /** `key`: 32 bytes, which are not kept. */
  static async of(key: Uint8Array): Promise<RecordCipher> {
    const ready = await crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    return new RecordCipher(ready);
  }

  /** nonce 12 | AES-256-GCM(value) | tag 16, bound to its place: moved to another one it does not open. */
  async seal(place: string, value: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const iv = randomBytes(NONCE_BYTES);
    const sealed = await this.encrypt(iv, utf8(place), value);
    return concatBytes(iv, sealed);
  }

  /** Undefined for what was not sealed with this key at this place. */
  async open(place: string, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
    try {
      return await this.decrypt(sealed.slice(0, NONCE_BYTES), utf8(place), sealed.slice(NONCE_BYTES));
    } catch {
      return undefined;
    }
  }

  async encrypt(
    iv: Uint8Array<ArrayBuffer>,
    additionalData: Uint8Array<ArrayBuffer>,
    content: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const algorithm = { name: 'AES-GCM', iv, additionalData };
    return new Uint8Array(await crypto.subtle.encrypt(algorithm, this.#key, new Uint8Array(content)));
  }

  /** Rejects when the tag does not hold. */
  async decrypt(
    iv: Uint8Array<ArrayBuffer>,
    additionalData: Uint8Array<ArrayBuffer>,
    ciphertext: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const algorithm = { name: 'AES-GCM', iv, additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, this.#key, ciphertext));
  }
}
