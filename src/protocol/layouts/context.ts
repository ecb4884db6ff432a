import { concatBytes, utf8 } from '../bytes.ts';
import { encode } from '../message-pack.ts';

/**
 * Everything that is signed, authenticated, derived from or used as a label starts with the ASCII text
 * `conclave/v1/<purpose>` and a zero byte. One purpose has one field list, so nothing made for one serves another.
 * (H of a transmitted thing, such as a header or a token, is plain SHA-256 of its bytes; it only ever appears as a field.)
 */
export const purposes = [
  'identity',
  'identity-successor',
  'fingerprint',
  'safety-number',
  'register',
  'login-challenge',
  'login-answer',
  'resume',
  'act',
  'recipients',
  'content',
  'commit',
  'message',
  'wrap',
  'room-proof',
  'content2',
  'epoch',
  'epoch-commit-key',
  'epoch-commit',
  'epoch-rsa',
  'epoch-wrap',
  'epoch-leaf',
  'epoch-node',
  'prekey',
  'prekey-chain',
  'prekey-seed',
  'file',
  'file-chunk',
  'recovery',
  'backup',
  'backup-key',
  'backup-token',
  'link',
  'link-channel',
  'link-commit',
  'link-digits',
  'link-key',
  'link-account',
  'direct',
  'invitation',
  'state',
  'state-key',
  'room-life',
] as const;
export type Purpose = (typeof purposes)[number];

export type ContextField = string | number | Uint8Array | readonly ContextField[];

const prefixOf = (purpose: Purpose): Uint8Array => utf8(`conclave/v1/${purpose}\0`);

/** Context, then bytes whose length the purpose fixes (possibly none). */
export function rawContext(purpose: Purpose, raw: Uint8Array = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  return concatBytes(prefixOf(purpose), raw);
}

/** Context, then a MessagePack array of the purpose's fields, each in its shortest form. */
export function listContext(purpose: Purpose, fields: readonly ContextField[]): Uint8Array<ArrayBuffer> {
  return concatBytes(prefixOf(purpose), encode(fields));
}
