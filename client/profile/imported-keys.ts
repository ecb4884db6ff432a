import { sameBytes } from '../../src/protocol/bytes.ts';
import type { AccountKeys, OwnIdentity } from '../sdk/storage/storage.ts';

export type ImportOutcome =
  /** The imported keys go on where those here end. */
  { readonly kind: 'newer'; readonly account: AccountKeys } | { readonly kind: 'same' | 'older' | 'other' };

/** What importing keys over others of the same user would do: only the same history, with more in it, may replace one. */
export function comparedWith(here: AccountKeys, imported: AccountKeys): ImportOutcome {
  const shorter = Math.min(here.identities.length, imported.identities.length);
  for (let i = 0; i < shorter; i += 1)
    if (!isSame(here.identities[i], imported.identities[i])) return { kind: 'other' };
  if (imported.identities.length < here.identities.length) return { kind: 'older' };
  if (imported.identities.length > here.identities.length) return { kind: 'newer', account: imported };
  const chain = imported.identities.at(-1)?.prekeys;
  // The keys here were last used by a release without prekeys.
  if (chain !== undefined && here.identities.at(-1)?.prekeys === undefined)
    return { kind: 'newer', account: imported };
  if (imported.pending === undefined || isSame(imported.pending, here.pending)) return { kind: 'same' };
  // Two that wait for one place: the server has taken at most one, and which is not known here.
  return here.pending === undefined ? { kind: 'newer', account: imported } : { kind: 'other' };
}

function isSame(a: OwnIdentity | undefined, b: OwnIdentity | undefined): boolean {
  return a !== undefined && b !== undefined && sameBytes(a.signed.document, b.signed.document);
}
