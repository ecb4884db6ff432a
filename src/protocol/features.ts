/**
 * The one table of features: additions to the protocol that a client must not use before the gateway named them in its
 * reply to `hello`. PROTOCOL.md carries the same table. A name never gets a second meaning.
 */

interface Feature {
  /** The release that has it first. */
  readonly since: string;
  /** What the gateway takes and what it means by it; completes "this server does not offer …". */
  readonly meaning: string;
  /** Operators may switch it off by DISABLED_FEATURES: rooms do without it. */
  readonly optional?: true;
}

export const features = {
  'header-2': {
    since: '0.2.0',
    meaning: 'rooms with header layout 2, in which each message says what its sender had seen',
  },
  typing: {
    since: '0.2.0',
    meaning: 'typing notices: the request and the event `typing`',
    optional: true,
  },
  reasons: {
    since: '0.2.0',
    meaning: 'reasons for removing a member from a room: field `why` of `kick` and `ban`',
  },
  roles: {
    since: '0.2.0',
    meaning: 'roles of members at earlier roster versions: field `roles` of the reply to `members`',
  },
  files: {
    since: '0.2.0',
    meaning: 'files: requests to upload, finish, download and discard them, and transfer of chunks over HTTP',
    optional: true,
  },
  'retention-hours': {
    since: '0.2.0',
    meaning: 'retention in hours: field `retentionHours` of `create` and `update`',
  },
  prekeys: {
    since: '0.2.0',
    meaning: 'signed prekeys of accounts, to which the key of an epoch of suite 2 is wrapped',
  },
  'suite-2': {
    since: '0.2.0',
    meaning: 'rooms of suite 2: their epochs, and messages sealed under them',
  },
  backup: {
    since: '0.2.0',
    meaning: 'sealed backups of accounts, kept by the server',
  },
  link: {
    since: '0.2.0',
    meaning: 'channels through which one device hands an account to another',
  },
  invitations: {
    since: '0.2.0',
    meaning: 'invitations to rooms, and block lists: the requests of section 17 and the event `invitation`',
  },
  direct: {
    since: '0.2.0',
    meaning: 'direct rooms of two users: the request `direct`, and field `direct` of rooms',
  },
  state: {
    since: '0.2.0',
    meaning: 'a sealed state of each user: the requests of section 18 and the event `state`',
  },
  'room-life': {
    since: '0.2.0',
    meaning:
      'rooms whose messages disappear by default: field `life` of `update`, of rooms and of the event `room`',
  },
  batches: {
    since: '0.2.0',
    meaning:
      'batches, messages of several frames, for sessions that ask for them: field `batches` of `enter`',
    optional: true,
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof features;

export const featureNames: readonly FeatureName[] = Object.keys(features) as FeatureName[];

export type OptionalFeature = {
  [Name in FeatureName]: (typeof features)[Name] extends { readonly optional: true } ? Name : never;
}[FeatureName];

export const optionalFeatures: readonly OptionalFeature[] = featureNames.filter(isOptional);

function isOptional(name: FeatureName): name is OptionalFeature {
  return 'optional' in features[name];
}
