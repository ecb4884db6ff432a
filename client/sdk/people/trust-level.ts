/**
 * - `pinned`: the key that was seen first, or one that it leads to by signatures; nobody compared it.
 * - `verified`: people compared exactly this key.
 * - `verified_before`: people compared an earlier key of this user, or a mark from before marks named a key. Compare again.
 * - `changed`: not the pinned key and not signed by it; a person has not accepted it.
 */
export type Trust = 'pinned' | 'verified' | 'verified_before' | 'changed';

const worstFirst = ['changed', 'verified_before', 'pinned', 'verified'] as const satisfies readonly Trust[];

/** What may be thought of something that both had a part in. */
export function worseTrust(one: Trust, other: Trust): Trust {
  return worstFirst.find((trust) => trust === one || trust === other) ?? one;
}
