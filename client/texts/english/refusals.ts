import type { ErrorName } from '../../../src/protocol/codes.ts';
import type { FeatureName } from '../../../src/protocol/features.ts';
import type { RequestName } from '../../../src/protocol/requests.ts';

/** What a person reads when the server refuses. Values: `room`, `user`. */
export const refusals = {
  bad_request: 'the server did not understand this: client and server may be of incompatible releases',
  unauthenticated: 'you are not logged in to the server: try again',
  auth_failed:
    'the server did not accept the login: check --server and --user; if you replaced your keys on another machine, export them there and import them here',
  name_taken: 'that name is taken: choose another one',
  invalid_name: 'the server knows no user of this name: check the spelling',
  invalid_identity: 'the server did not accept these keys: client and server may be of incompatible releases',
  no_such_room_or_password: 'wrong password, or there is no room called {room:that}',
  not_a_member: 'you are not a member of {room:this room}, or no longer one: join it first',
  already_a_member: 'you are already a member of {room:this room}',
  room_full: '{room:this room} is full: try again when somebody has left',
  forbidden: 'your role in {room:this room} does not allow this: ask its owner or a moderator',
  banned: 'you are banned from {room:this room}: only its owner or a moderator can lift the ban',
  stale_roster: 'the members of {room:this room} changed while this was on its way: try again',
  too_large: 'this is more than the server accepts: make it smaller',
  rate_limited: 'too many requests in a short time: wait a little, then try again',
  too_many_sessions:
    'you have as many sessions as this server allows: end one, or run conclave logout --everywhere',
  unavailable:
    'the server cannot do this at the moment, but it may have taken effect: check before you try again',
  conflict: 'something else changed this at the same time: try again',
  unsupported_version: 'client and server are of incompatible releases: update the older one',
  wrong_origin:
    'the server does not know itself by this address: check --server. If it is right, somebody may be intercepting, or the operator has to add it to CONCLAVE_PUBLIC_URLS',
  keys_replaced:
    'your keys were replaced on another machine: run conclave export there, and conclave import here',
  no_such_member: '{user:this user} is not a member of {room:this room}: check the spelling',
  invite_needed:
    'this server registers accounts by invitation only: ask its operator for a code. A code works once, for a day',
  no_such_file: 'the server no longer has this file: it has expired, or somebody removed it',
  upload_incomplete: 'parts of the file did not reach the server: send it again',
  too_many_uploads:
    'you have as many unfinished uploads as this server allows: let one finish, or wait an hour',
  unreachable: '{user:this user} takes no invitations or direct messages from you at present',
  unknown_epoch: 'the keys of {room:this room} have changed: try again',
  wraps_missing: 'the server lost the new keys of {room:this room}: try again',
} as const satisfies Record<ErrorName, string>;

const ownersAndModerators = 'only the owner and moderators of {room:this room} can do this';
const ownersOnly = 'only the owner of {room:this room} can do this';

const noLogins =
  'the server answers, but cannot log anybody in at the moment: a service behind it is down or refuses to work. Ask its operator, or try again later';

/** Where the request says more than the code does. */
export const requestRefusals: Readonly<Partial<Record<`${RequestName}.${ErrorName}`, string>>> = {
  'register.forbidden': 'this server accepts no new accounts: ask its operator, or choose another server',
  'register.name_taken': 'that name is taken, and names of accounts are never reused: choose another one',
  'register.unavailable': noLogins,
  'login.unavailable': noLogins,
  'answer.unavailable': noLogins,
  'resume.unavailable': noLogins,
  'answer.auth_failed':
    'the server did not accept the login: the account may be closed or disabled. If you replaced your keys on another machine, export them there and import them here',
  'create.name_taken': 'there is already a room called {name:that}: choose another name',
  'create.too_large': 'you are in as many rooms as this server allows: leave one first',
  'join.too_large': 'you are in as many rooms as this server allows: leave one first',
  'enter.too_large': 'this client has as many rooms open as the server allows: leave one first',
  'leave.forbidden':
    'you own {room:this room}: hand it over to another member, or delete it, before you leave',
  'epochs.unsupported_version':
    'the server went back to an earlier encryption of {room:this room}. Accept it with conclave room trust {room:ROOM}, or in the chat with /join {room:ROOM}',
  'send.unsupported_version':
    'the server does not take messages to {room:this room} in the form that this client sends: update the client. If it is up to date, the server went back to an earlier form: accept that with conclave room trust {room:ROOM}, or in the chat with /join {room:ROOM}',
  'send.too_large': 'the message is longer than this server accepts: shorten or split it',
  'send.rate_limited': 'the server accepts no more messages for the moment: wait a little, then try again',
  'history.not_a_member': 'you are no longer a member of {room:this room}: join it again',
  'direct.too_large': 'you are in as many rooms as this server allows: leave one first',
  'direct.forbidden': 'you have blocked {user:this user}: unblock them first',
  'direct.rate_limited': 'you have asked too many people, or the same person too often: try again later',
  'invite.rate_limited': 'you have invited too many people, or the same person too often: try again later',
  'invite.forbidden': 'a direct room is for two: create a room for more',
  'invite.already_a_member': '{user:this user} is already in this room',
  'block.too_large': 'you have blocked as many users as this server allows: unblock one first',
  'rename.forbidden': ownersOnly,
  'rename.name_taken': 'there is already a room called {name:that}: choose another name',
  'delete.forbidden': ownersOnly,
  'update.forbidden': ownersOnly,
  'update.unsupported_version':
    '{room:this room} stays on suite 1: some of its members have not lately used a client that supports suite 2',
  'grant.forbidden': ownersOnly,
  'kick.forbidden': ownersAndModerators,
  'ban.forbidden': ownersAndModerators,
  'ban.too_large': '{room:this room} has reached its limit of bans: lift one first',
  'unban.forbidden': ownersAndModerators,
  'bans.forbidden': ownersAndModerators,
  'upload.forbidden': '{room:this room} stores nothing, so it cannot have files',
  'upload.too_large': 'the file is larger than this server accepts',
  'upload.rate_limited': 'the server accepts no more files for the moment: try again later',
  'discard.forbidden':
    'only its uploader, and the owner and moderators of {room:this room}, can remove this file',
  'fetch-backup.auth_failed':
    'wrong recovery code, or the server has no backup of this account: check the name, and that --server is the address on the sheet',
  'fetch-backup.rate_limited': 'too many wrong recovery codes: try again in an hour',
  'put-backup.rate_limited': 'the server accepts no more backups for the moment: try again in an hour',
  'put-backup.conflict': 'another device stored a backup at the same time: try again',
  'link.auth_failed':
    'no device is waiting with this code, or its ten minutes are over: start again on the new device',
  'link.conflict':
    'another device has already answered this code: start again on the new device, with a new code',
};

/** The server answered with a code of a later release. */
export const unknownRefusal =
  'the server refused this for a reason that this client does not know: update the client';

/** This server is older than what was asked of it. */
export const features = {
  'header-2':
    'this server is too old for rooms in which messages record what their senders had seen: its operator has to update it',
  files: 'this server does not accept files',
  typing: 'this server does not pass on that somebody is typing',
  reasons:
    'this server is too old to pass on reasons: leave the reason out, or ask its operator to update it',
  roles: 'this server is too old to report earlier roles: its operator has to update it',
  backup: 'this server is too old to keep backups of accounts: its operator has to update it',
  link: 'this server is too old to link devices: export the account here, and import it there',
  'suite-2': 'this server is too old for rooms of suite 2: its operator has to update it',
  'retention-hours': 'this server is too old for hours: give days, or ask its operator to update it',
  invitations: 'this server is too old for invitations and block lists: its operator has to update it',
  direct: 'this server is too old for direct messages: create a room, or ask its operator to update it',
  state: 'this server is too old to keep settings for all of your devices: its operator has to update it',
  'room-life': 'this server is too old for rooms in which messages disappear: its operator has to update it',
  batches: 'this server is too old to send several events in one message: its operator has to update it',
  prekeys: 'this server is too old for keys that are in use for a week only: its operator has to update it',
} as const satisfies Record<FeatureName, string>;
