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

export const features: Readonly<Record<string, Feature>> = {};

export const featureNames: readonly string[] = Object.keys(features);
