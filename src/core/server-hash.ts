import { createHash, createHmac } from 'node:crypto';
import { utf8 } from '../protocol/bytes.ts';

/** What only servers of one cluster compute; written like the contexts of the protocol, and none of those. */
export type ServerPurpose =
  | 'resume-token'
  | 'file-ticket-secret'
  | 'file-ticket'
  | 'token-mark'
  | 'decoy-key'
  | 'decoy-salt'
  | 'decoy-number'
  | 'decoy-room'
  | 'decoy-proof'
  | 'decoy-user'
  | 'decoy-token'
  | 'invite-code';

const contextOf = (purpose: ServerPurpose): Uint8Array => utf8(`conclave/v1/server/${purpose}\0`);

export function keyedHash(secret: Uint8Array, purpose: ServerPurpose, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha256', secret).update(contextOf(purpose)).update(bytes).digest());
}

export function purposeHash(purpose: ServerPurpose, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(contextOf(purpose)).update(bytes).digest());
}
