/**
 * The one table of features: additions to the protocol that a client must not use before the gateway named them in its
 * reply to `hello`. PROTOCOL.md carries the same table. A name never gets a second meaning.
 */

interface Feature {
  /** The release that has it first. */
  readonly since: string;
  /** What the gateway takes and what it means by it; completes "this server does not offer …". */
  readonly meaning: string;
}

export const features = {
  'header-2': {
    since: '0.2.0',
    meaning: 'rooms with header layout 2, in which each message says what its sender had seen',
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof features;

export const featureNames: readonly FeatureName[] = Object.keys(features) as FeatureName[];
