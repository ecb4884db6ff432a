import { randomBytes, timingSafeEqual } from 'node:crypto';
import { idFrom } from '../lib/random-id.ts';
import { concatBytes } from '../protocol/bytes.ts';
import { ID_BYTES, idBytes, parseUserId, type UserId } from '../protocol/ids.ts';
import { ED25519_KEY_BYTES, HASH_BYTES, TOKEN_BYTES_MAX, TOKEN_LIFE_MS } from '../protocol/limits.ts';
import { decodeStrict, encode } from '../protocol/message-pack.ts';
import { parseUserName, type UserName } from '../protocol/names.ts';
import type { TokenId } from './caller.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';
import { keyedHash, purposeHash } from './server-hash.ts';

const TOKEN_VERSION = 1;

/** What a resume token says; the cluster's MAC under it makes it true. */
export interface TokenContent {
  readonly user: UserId;
  readonly name: UserName;
  /** Ed25519, 32 bytes: the resuming client signs with it. */
  readonly signingKey: Uint8Array;
  readonly identitySequence: number;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly until: number;
}

/**
 * Tokens that let a client resume on any node without a read of the stores. Layout: MessagePack array `[version, number of the
 * secret, user, name, signing key, identity sequence, issued at, until, 16 random bytes]`, then 32 bytes of HMAC-SHA256. The
 * random bytes tell apart two logins of one millisecond: ending one must not end the other. Opaque to clients.
 */
export class ResumeTokens {
  readonly #secrets: ClusterSecrets;

  constructor(secrets: ClusterSecrets) {
    this.#secrets = secrets;
  }

  issue(session: Omit<TokenContent, 'until'>): { readonly token: Uint8Array; readonly until: number } {
    const secret = this.#secrets.signing;
    const { user, name, signingKey, identitySequence, issuedAt } = session;
    const until = issuedAt + TOKEN_LIFE_MS;
    const fields = [
      idBytes(user),
      name,
      signingKey,
      identitySequence,
      issuedAt,
      until,
      randomBytes(ID_BYTES),
    ];
    const content = encode([TOKEN_VERSION, secret.number, ...fields]);
    return { token: concatBytes(content, keyedHash(secret.secret, 'resume-token', content)), until };
  }

  /**
   * Undefined for what this cluster did not issue, and for what is over. Compares in constant time. Throws Unavailable when
   * the token is of a secret that this node has yet to read.
   */
  async verify(token: Uint8Array, nowMs: number): Promise<TokenContent | undefined> {
    if (token.length <= HASH_BYTES || token.length > TOKEN_BYTES_MAX) return undefined;
    const content = token.subarray(0, -HASH_BYTES);
    const decoded = decodeStrict(content, { depthMax: 1, itemsMax: 16 });
    if (!decoded.ok || !Array.isArray(decoded.value)) return undefined;
    const fields: readonly unknown[] = decoded.value;
    const secret = await this.#secrets.ofNumber(fields[1], nowMs);
    if (secret === undefined) return undefined;
    const mac = keyedHash(secret.secret, 'resume-token', content);
    if (!timingSafeEqual(mac, token.subarray(-HASH_BYTES))) return undefined;
    const parsed = parseContent(fields);
    return parsed === undefined || nowMs >= parsed.until ? undefined : parsed;
  }
}

/** Stands for one token among the revocations, where it takes the place of a user. */
export function tokenId(token: Uint8Array): TokenId {
  return idFrom(parseUserId, purposeHash('token-mark', token).subarray(0, ID_BYTES));
}

function parseContent(fields: readonly unknown[]): TokenContent | undefined {
  const [version, , userBytes, nameText, signingKey, identitySequence, issuedAt, until] = fields;
  const user = parseUserId(userBytes);
  const name = parseUserName(nameText);
  if (version !== TOKEN_VERSION || fields.length !== 9 || user === undefined || name === undefined)
    return undefined;
  if (!(signingKey instanceof Uint8Array) || signingKey.length !== ED25519_KEY_BYTES) return undefined;
  if (!isTime(identitySequence) || !isTime(issuedAt) || !isTime(until)) return undefined;
  return { user, name, signingKey, identitySequence, issuedAt, until };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
