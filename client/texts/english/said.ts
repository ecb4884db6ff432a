import { counted } from './numbers.ts';

export interface Place {
  readonly user: string;
  readonly server: string;
}

/** What commands of `conclave` print. */
export const said = {
  // Accounts
  making_keys: 'making keys …',
  account: ({ user, server }: Place): string => `${user} at ${server}`,
  registered: ({ user, server }: Place): string => `registered ${user} at ${server}`,
  imported: ({ user, server }: Place): string => `imported ${user} for ${server}`,
  took_newer_keys: ({ user, server }: Place): string => `took the newer keys of ${user} for ${server}`,
  rotated: ({ user, server }: Place): string =>
    `${user} at ${server} has new keys; the old ones are kept for old messages`,
  rotated_elsewhere: 'on other machines: conclave export FILE here, conclave import FILE there',
  identity: ({ said, fingerprint }: { readonly said: string; readonly fingerprint: string }): string =>
    `${said}\nfingerprint ${fingerprint}`,
  uses: ({ user, server }: Place): string => `commands for ${server} now use ${user}`,
  exported: 'exported {user} to {file}',
  export_unprotected: 'warning: {file} has no passphrase: whoever reads it can act as {user}',
  recover_people: 'You will meet everybody for the first time again: compare safety numbers again.',
  recover_passwords:
    'You will have to enter the passwords of rooms again, and messages under earlier passwords stay locked.',
  recovered: '{user} starts without the lost state',
  nothing_lost: 'nothing is lost: the state opens',
  nothing_changed: 'nothing was changed',
  logged_out: 'logged out',
  logged_out_everywhere: 'logged out everywhere',
  closing: ({ user, server }: Place): string =>
    `This closes the account of ${user} at ${server}. It cannot be undone.`,
  closing_name: 'Its name is never given out again, and rooms that it owns pass to others.',
  closed: ({ user, server }: Place): string => `closed the account of ${user} at ${server}`,
  closed_keys: 'its keys and pins are still in {path}',
  // Trust
  safety_number: ({
    user,
    trust,
    rows,
  }: {
    readonly user: string;
    readonly trust: string;
    readonly rows: readonly string[];
  }): string => `Safety number with ${user} (${trust}):\n${rows.map((row) => `  ${row}`).join('\n')}`,
  verified: '{user} is verified',
  not_verified: '{user} is not marked as verified',
  key_accepted: '{user} is trusted with key {fingerprint}',
  key_not_accepted: 'the new key of {user} is not accepted',
  // Rooms
  created: 'created {room}',
  joined: 'joined {room}',
  already_in: 'you are already in {room}',
  left: 'left {room}',
  online: ({ count }: { readonly count: number }): string => `${count} online`,
  renamed: ({ from, to }: { readonly from: string; readonly to: string }): string =>
    `renamed ${from} to ${to}`,
  deleted: 'deleted {room}',
  password_removed: '{room} no longer has a password',
  password_removed_tell:
    '{room} no longer has a password. Tell {users}: they have to accept that with conclave room trust {room}',
  password_changed: '{room} has a new password',
  password_changed_tell: '{room} has a new password. Tell it to {users}',
  stores_nothing: '{room} no longer stores messages',
  stores: ({ room, days }: { readonly room: string; readonly days: number }): string =>
    `${room} stores messages for ${counted(days, 'day')}`,
  header_warning:
    'Members whose client is older than release {release} will no longer be able to read or write in {room}.',
  header_final: 'This cannot be undone.',
  header_raised: 'messages of {room} now have headers of layout {layout}',
  suite_warning:
    'Members whose client is older than release {release} will no longer be able to read or write in {room}. What was sent before stays readable.',
  suite_raised: 'messages of {room} are encrypted by suite {suite} from now on',
  room_hidden: '{room} is not in the list of rooms',
  room_shown: '{room} is in the list of rooms',
  kicked: 'kicked {user} from {room}',
  banned: 'banned {user} from {room}',
  unbanned: 'lifted the ban on {user} in {room}',
  is_moderator: '{user} is now a moderator of {room}',
  is_member: '{user} is now a plain member of {room}',
  is_owner: '{user} is now the owner of {room}',
  room_accepted: '{room} is accepted as it is now',
  room_not_accepted: '{room} is not accepted',
  room_as_known: 'nothing about {room} differs from what is known here',
  // Messages
  gap: ({
    from,
    missing,
    seq,
  }: {
    readonly from: string;
    readonly missing: number;
    readonly seq: number;
  }): string => `-- ${counted(missing, 'message')} of ${from} missing before ${seq}`,
  written_at: '[written {time}]',
  answers: '(to {id})',
  edited: 'edited {id}',
  retracted: 'took {id} back',
  reacted: 'reacted {emoji} to {id}',
  took_reaction: 'took {emoji} back from {id}',
  no_reason: 'no reason',
  nothing_found: 'nothing found in the messages that were read on this machine',
  member_joined: '{user} joined',
  member_left: '{user} left',
  member_kicked: '{user} was kicked',
  key_changed: '{user} has a new key: compare fingerprints, then run conclave trust {user}',
  key_signed: '{user} has a new key, signed by the old one',
  settings_changed: 'the settings of {room} changed',
  room_renamed: '{former} is now called {room}',
  not_connected: ({ reason, seconds }: { readonly reason: string; readonly seconds: number }): string =>
    `not connected (${reason}): next attempt in ${seconds} s`,
  no_connection_yet: 'no connection yet: {reason}',
  warning: 'warning: {said}',
  // Notices
  verified_key_rotated:
    '{user} has a new key, signed by the one you verified: verify it again with conclave verify {user}',
  key_not_known:
    'the key of {user} changed: nothing is sent to {user} until you compare it and run conclave trust {user}',
  in_room: '{room}: {said}',
  membership_moved: ({
    room,
    from,
    to,
  }: {
    readonly room: string;
    readonly from: number;
    readonly to: number;
  }): string =>
    `${room}: the server says that you joined again; messages from ${from} to ${to} may be hidden`,
} as const;

/** Of the columns of tables. */
export const headings = {
  room: 'room',
  online: 'online',
  members: 'members',
  password: 'password',
  user: 'user',
  role: 'role',
  trust: 'trust',
  banned: 'banned',
  sequence: 'sequence',
  current: 'current',
  created: 'created',
  fingerprint: 'fingerprint',
  node: 'node',
  version: 'version',
  started: 'started',
  connections: 'connections',
  sessions: 'sessions',
  rooms: 'rooms',
  state: 'state',
  lease: 'lease',
} as const;
