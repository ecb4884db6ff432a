import type { SignedIdentity } from '../../../src/protocol/entities.ts';
import type { Fingerprint } from '../../../src/protocol/ids.ts';
import type { PersonRecord } from './person-record.ts';
import type { Trust } from './trust-level.ts';
import * as model from './trust-model.ts';

/**
 * Whether a message may be sealed for a member: for the accepted key, and for one that it replaced so recently that rosters may still
 * list it. Not for one that was replaced before, nor for one that is not accepted. `unpinned`: nothing is held about the user.
 */
export type SealingVerdict = 'current' | 'within_grace' | 'replaced' | 'changed' | 'unpinned';

/**
 * What a profile held about one user at one moment. All questions of one decision are put to one view: between two readings,
 * another process may have decided otherwise, and the answers would not belong together.
 */
export interface PersonView {
  /** Whether anything is held about the user. */
  readonly isKnown: boolean;
  standingOf(identity: model.ShownIdentity): model.Standing;
  trustIn(key: Fingerprint): Trust;
  /** Whether the key was the accepted one here. */
  wasCurrent(key: Fingerprint): boolean;
  /** When the present key took the place of another here, in milliseconds since 1970. */
  since(): Promise<number | undefined>;
  /** Of the present key's document. */
  readonly sequence: number | undefined;
  /** The accepted identity. */
  readonly current: SignedIdentity | undefined;
}

/** `ownsName`: the profile has this user as the owner of the name in the record. */
export function viewOf(record: PersonRecord | undefined, ownsName: boolean): PersonView {
  return {
    isKnown: record !== undefined,
    standingOf: (identity) => model.standingOf(record, ownsName, identity),
    trustIn: (key) => model.trustIn(record, ownsName, key),
    wasCurrent: (key) => record === undefined || model.wasCurrent(record, key),
    since: () => Promise.resolve(record?.since),
    sequence: record?.keys.at(-1)?.sequence,
    current: record?.current,
  };
}
