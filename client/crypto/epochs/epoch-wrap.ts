import { concatBytes } from '../../../src/protocol/bytes.ts';
import type { Fingerprint, UserId } from '../../../src/protocol/ids.ts';
import { epochRsaLabel, epochWrapInfo } from '../../../src/protocol/layouts/epoch-inputs.ts';
import type { Keying } from '../../../src/protocol/layouts/epoch-record.ts';
import { type EpochWrap, encodeEpochWrap } from '../../../src/protocol/layouts/epoch-wraps.ts';
import { AES_KEY_BYTES, GCM_NONCE_BYTES } from '../../../src/protocol/layouts/message-inputs.ts';
import { EPOCH_KEY_BYTES } from '../../../src/protocol/limits.ts';
import type { Member } from '../suite.ts';
import {
  aesGcmDecrypt,
  aesGcmEncrypt,
  hkdfSha256,
  oaepDecrypt,
  oaepEncrypt,
  randomBytes,
  sha256,
  type WebKey,
} from '../web-crypto.ts';
import { type Encapsulation, xWingDecapsulate, xWingEncapsulate } from './x-wing.ts';

/** A member as an epoch is made for it. */
export interface EpochMember extends Member {
  /** Verified, and for use now. Undefined: the member has none. Keying 1 does not look at it. */
  readonly prekey?: { readonly week: number; readonly publicKey: Uint8Array } | undefined;
}

/** What is encapsulated to a member's prekey. None of it may leave the client in two wraps. */
export type Encapsulate = (member: {
  readonly user: UserId;
  readonly publicKey: Uint8Array;
}) => Promise<Encapsulation | undefined>;

/** What a wrap is bound to. */
export interface WrapPlace {
  /** H(body) of the epoch. */
  readonly bodyHash: Uint8Array;
  readonly keying: Keying;
}

export interface MadeWrap {
  readonly bytes: Uint8Array;
  /** A prekey was used: the member's long-term key alone does not open it. */
  readonly usesPrekey: boolean;
}

/** The wrap of an epoch's key for a member. A prekey to which nothing can be encapsulated counts as none. */
export async function wrapEpochKey(
  { bodyHash, keying }: WrapPlace,
  member: EpochMember,
  epochKey: Uint8Array,
  encapsulate: Encapsulate = ({ publicKey }) => xWingEncapsulate(publicKey),
): Promise<MadeWrap> {
  const hybrid = keying === 2 ? await hybridWrap(bodyHash, member, epochKey, encapsulate) : undefined;
  const wrap: EpochWrap = hybrid ?? {
    keying: 1,
    rsa: await oaepEncrypt(member.rsaEncrypt, epochRsaLabel(bodyHash, member.user, 1), epochKey),
  };
  return { bytes: encodeEpochWrap(keying, wrap), usesPrekey: hybrid !== undefined };
}

async function hybridWrap(
  bodyHash: Uint8Array,
  { user, fingerprint, rsaEncrypt, prekey }: EpochMember,
  epochKey: Uint8Array,
  encapsulate: Encapsulate,
): Promise<EpochWrap | undefined> {
  const encapsulated =
    prekey === undefined ? undefined : await encapsulate({ user, publicKey: prekey.publicKey });
  if (prekey === undefined || encapsulated === undefined) return undefined;
  const rsaSecret = randomBytes(EPOCH_KEY_BYTES);
  const rsa = await oaepEncrypt(rsaEncrypt, epochRsaLabel(bodyHash, user, 2), rsaSecret);
  const { week } = prekey;
  const { ciphertext: xWing, secret } = encapsulated;
  const ciphertextsHash = await sha256(concatBytes(rsa, xWing));
  const info = epochWrapInfo({ bodyHash, user, fingerprint, week, ciphertextsHash });
  const sealed = await aesGcmEncrypt(
    await keyEncryptionKey(rsaSecret, secret, info),
    new Uint8Array(GCM_NONCE_BYTES),
    new Uint8Array(0),
    epochKey,
  );
  return { keying: 2, week, rsa, xWing, sealed };
}

/** A key of the reader with which wraps may have been made. */
export interface WrapKeys {
  readonly user: UserId;
  readonly fingerprint: Fingerprint;
  readonly rsaDecrypt: WebKey;
  /** 32 bytes; undefined: deleted. */
  prekeySeed(week: number): Promise<Uint8Array | undefined>;
}

/** The epoch's key, 32 bytes. Undefined: the wrap was not made for these keys and this epoch. */
export async function unwrapEpochKey(
  bodyHash: Uint8Array,
  wrap: EpochWrap,
  keys: WrapKeys,
): Promise<Uint8Array | undefined> {
  const { user, fingerprint } = keys;
  const label = epochRsaLabel(bodyHash, user, wrap.keying);
  const rsaSecret = await oaepDecrypt(keys.rsaDecrypt, label, wrap.rsa, EPOCH_KEY_BYTES);
  if (rsaSecret === undefined || wrap.keying === 1) return rsaSecret;
  const { week, rsa, xWing, sealed } = wrap;
  const seed = await keys.prekeySeed(week);
  const secret = seed === undefined ? undefined : await xWingDecapsulate(seed, xWing);
  if (secret === undefined) return undefined;
  const ciphertextsHash = await sha256(concatBytes(rsa, xWing));
  const info = epochWrapInfo({ bodyHash, user, fingerprint, week, ciphertextsHash });
  const key = await keyEncryptionKey(rsaSecret, secret, info);
  return aesGcmDecrypt(key, new Uint8Array(GCM_NONCE_BYTES), new Uint8Array(0), sealed);
}

/** For one wrap, so that its nonce may be zeros. */
function keyEncryptionKey(
  rsaSecret: Uint8Array,
  xWingSecret: Uint8Array,
  info: Uint8Array,
): Promise<Uint8Array> {
  return hkdfSha256(concatBytes(rsaSecret, xWingSecret), new Uint8Array(0), info, AES_KEY_BYTES);
}
