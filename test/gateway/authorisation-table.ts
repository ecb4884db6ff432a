import type { ErrorName } from '../../src/protocol/codes.ts';
import type { RequestName } from '../../src/protocol/requests.ts';

/** How somebody stands to a room. `anonymous`: connected, and not logged in. */
export const standings = ['anonymous', 'none', 'banned', 'member', 'moderator', 'owner'] as const;
export type Standing = (typeof standings)[number];

export type Outcome = 'ok' | ErrorName;
/** The answer about the room to which one stands so, and about another room, to which one does not stand at all. */
type Row = Readonly<Record<Standing, readonly [own: Outcome, other: Outcome]>>;

const loggedOut = ['unauthenticated', 'unauthenticated'] as const;
const both = (outcome: Outcome) => [outcome, outcome] as const;
const notIn = both('not_a_member');
const inOwn = (outcome: Outcome) => [outcome, 'not_a_member'] as const;
const everyStanding = (outcome: Outcome): Row => ({
  anonymous: loggedOut,
  none: both(outcome),
  banned: both(outcome),
  member: both(outcome),
  moderator: both(outcome),
  owner: both(outcome),
});
const beforeLogin = (outcome: Outcome): Row => ({
  ...everyStanding('bad_request'),
  anonymous: both(outcome),
});
const forRoles = (member: Outcome, moderator: Outcome, owner: Outcome): Row => ({
  anonymous: loggedOut,
  none: notIn,
  banned: notIn,
  member: inOwn(member),
  moderator: inOwn(moderator),
  owner: inOwn(owner),
});
const forMembers = forRoles('ok', 'ok', 'ok');
const forModerators = forRoles('forbidden', 'ok', 'ok');
const forOwners = forRoles('forbidden', 'forbidden', 'ok');

/** THE matrix: a request without a row does not compile. */
export const authorisation: { readonly [Name in RequestName]: Row } = {
  hello: beforeLogin('bad_request'),
  register: beforeLogin('ok'),
  login: beforeLogin('ok'),
  answer: beforeLogin('bad_request'),
  resume: beforeLogin('auth_failed'),
  typing: forMembers,
  ping: { ...everyStanding('ok'), anonymous: both('ok') },
  mine: everyStanding('ok'),
  lookup: everyStanding('ok'),
  rooms: everyStanding('ok'),
  identity: everyStanding('ok'),
  create: everyStanding('ok'),
  logout: everyStanding('ok'),
  prekey: everyStanding('ok'),
  'put-backup': everyStanding('ok'),
  backup: everyStanding('ok'),
  'delete-backup': everyStanding('ok'),
  direct: everyStanding('ok'),
  // Of a room in which the target is already.
  invite: forRoles('already_a_member', 'already_a_member', 'already_a_member'),
  invitations: everyStanding('ok'),
  dismiss: everyStanding('ok'),
  block: everyStanding('ok'),
  unblock: everyStanding('ok'),
  blocks: everyStanding('ok'),
  state: everyStanding('ok'),
  // Of one's own, whatever one is in rooms: what is asked here names an identity that there is not.
  'put-state': everyStanding('conflict'),
  'fetch-backup': beforeLogin('auth_failed'),
  // There is no such channel; which side a device is on decides what it may put: see links.test.ts.
  link: { ...everyStanding('auth_failed'), anonymous: both('auth_failed') },
  // Of one's own account alone, whatever one is in rooms: what is asked here is no successor, and signed by nobody.
  rotate: everyStanding('conflict'),
  'close-account': everyStanding('auth_failed'),
  join: {
    anonymous: loggedOut,
    none: both('ok'),
    banned: ['banned', 'ok'],
    member: ['already_a_member', 'ok'],
    moderator: ['already_a_member', 'ok'],
    owner: ['already_a_member', 'ok'],
  },
  leave: forRoles('ok', 'ok', 'forbidden'),
  enter: forMembers,
  members: forMembers,
  prekeys: forMembers,
  // Its rooms are of suite 1.
  wraps: forRoles('unsupported_version', 'unsupported_version', 'unsupported_version'),
  epoch: forRoles('unsupported_version', 'unsupported_version', 'unsupported_version'),
  epochs: forRoles('unsupported_version', 'unsupported_version', 'unsupported_version'),
  send: forMembers,
  history: forMembers,
  rename: forOwners,
  update: forOwners,
  delete: forOwners,
  grant: forOwners,
  revoke: forOwners,
  kick: forModerators,
  ban: forModerators,
  unban: forModerators,
  bans: forModerators,
  upload: forMembers,
  // Of somebody else's file, or of one that is not finished.
  'continue-upload': everyStanding('no_such_file'),
  finish: everyStanding('no_such_file'),
  download: forMembers,
  discard: {
    anonymous: loggedOut,
    none: both('no_such_file'),
    banned: both('no_such_file'),
    member: ['forbidden', 'no_such_file'],
    moderator: ['ok', 'no_such_file'],
    owner: ['ok', 'no_such_file'],
  },
};
