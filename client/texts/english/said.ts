import { counted, keptFor, shown } from './numbers.ts';

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
  /** On the page that a new account ends with. */
  keeping_advice:
    'Your keys are on this machine only. To get them back if it is lost, make a backup now, or later with /backup, and keep its code on paper.',
  cache_replaced:
    'note: the messages kept on this machine for {user} were damaged, and have been deleted; they are read from the server again',
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
  logged_out: 'logged out',
  logged_out_everywhere: 'logged out everywhere',
  closing: ({ user, server }: Place): string =>
    `This closes the account of ${user} at ${server}. It cannot be undone.`,
  closing_name: 'Its name is never given out again, and rooms that it owns pass to others.',
  closed: ({ user, server }: Place): string => `closed the account of ${user} at ${server}`,
  closed_keys: 'its keys are still in {path}',
  // Backup
  backup_sheet: ({
    user,
    server,
    code,
    fingerprint,
    time,
  }: Place & { readonly code: string; readonly fingerprint: string; readonly time: string }): string =>
    [
      `Recovery code of ${user} at ${server}`,
      `  ${code}`,
      `made ${time}, fingerprint ${fingerprint}`,
      'Write it down or print it: it is shown only now. Whoever has it can act as you.',
      `On an empty machine: conclave --server ${server} restore ${user}`,
    ].join('\n'),
  backup_skipped:
    'there is no backup: without these files the account is lost. conclave backup --new-code makes one',
  backup_failed: 'no backup was made ({reason}): conclave backup --new-code tries again',
  backup_none: 'there is no backup: conclave backup --new-code makes one',
  backup_kept: 'backup {version,number} of {time}, kept up to date by this device',
  backup_elsewhere:
    'backup {version,number} of {time} has a code that this device does not know: another device keeps it up to date, or the server went back to an earlier one',
  backup_rolled_back:
    'the server went back to backup {version,number} of {time}; this device knows {known,number}, and stores a new one in its place',
  backup_gone:
    'the server no longer has the backup that this device made: conclave backup --new-code makes one',
  backup_deleted: 'deleted the backup; its recovery code no longer works',
  backup_people_left_out: ({ count }: { readonly count: number }): string =>
    `the backup has no room for ${counted(count, 'person', 'people')}: they will be strangers again after a restore`,
  restoring: ({
    user,
    server,
    time,
    fingerprint,
  }: Place & { readonly time: string; readonly fingerprint: string }): string =>
    `backup of ${user} at ${server}, made ${time}\nfingerprint ${fingerprint}`,
  restored: ({ user, server }: Place): string => `restored ${user} for ${server}`,
  restored_with: ({
    people,
    verified,
    secrets,
  }: {
    readonly people: number;
    readonly verified: number;
    readonly secrets: number;
  }): string =>
    `restored with it: ${counted(people, 'person', 'people')}, ${shown(verified)} of them verified, and ${counted(secrets, 'room secret')}`,
  restored_without:
    'not in a backup: messages kept for search, drafts, and what you changed after {time}. In rooms of suite 2, messages that were written before this device may stay unreadable',
  // Link
  link_waiting: ({ server, code }: { readonly server: string; readonly code: string }): string =>
    `On the device that has your account: conclave --server ${server} link --give\nCode: ${code}`,
  link_digits: 'Digits to type there: {digits}',
  link_gives: 'This hands over your whole account, {user} at {server}, to the device that shows the code.',
  link_given: 'the new device has the account of {user}',
  linked: ({ user, server }: Place): string => `linked this device with ${user} at ${server}`,
  // The page
  page_at: ({ url, server }: { readonly url: string; readonly server: string }): string =>
    `The page for ${server}, from this package:\n  ${url}\nThe address is good until this ends, and is for you alone. Ctrl-C ends it.`,
  page_waits: 'the page opens all the same, and connects once the server is there ({reason})',
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
  stores: ({ room, hours }: { readonly room: string; readonly hours: number }): string =>
    `${room} stores messages for ${keptFor(hours)}`,
  life_set:
    'messages in {room} disappear {life} after a reader was shown them, unless their sender says otherwise',
  life_off: 'messages in {room} stay, unless their sender says otherwise',
  header_warning:
    'Members whose client is older than release {release} will no longer be able to read or write in {room}.',
  header_final: 'This cannot be undone.',
  header_raised: 'messages of {room} now have headers of layout {layout}',
  suite_warning:
    'Members whose client is older than release {release} cannot open {room}: they neither write there nor read anything, not even earlier messages.',
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
  written_at: 'written {time}',
  answers: '(to {id})',
  edited: 'edited {id}',
  retracted: 'took {id} back',
  removed: '({role}, says the server) removed {id}',
  reacted: 'reacted {emoji} to {id}',
  took_reaction: 'took {emoji} back from {id}',
  saved: 'saved {path}',
  not_saved: '{name} was not saved: {reason}',
  no_reason: 'no reason',
  answers_earlier: 'answers an earlier message',
  removed_by: 'removed by {user}{why}',
  disappears: 'disappears {life} after it was shown',
  disappeared: '(disappeared)',
  was_retracted: '(taken back)',
  edited_at: 'edited {time}',
  reading: '{count,number} messages …',
  exported_by: '{room} at {server}, as {user} could read it on {time}',
  unreadable: ({ count }: { readonly count: number }): string =>
    `${counted(count, 'message')} could not be opened`,
  nothing_found: 'nothing found in the messages that were read on this machine',
  member_joined: '{user} joined',
  member_left: '{user} left',
  member_kicked: '{user} was kicked',
  member_banned: '{user} was banned',
  put_out: 'you were removed from this room',
  key_changed: '{user} has a new key: compare fingerprints, then run conclave trust {user}',
  key_signed: '{user} has a new key, signed by the old one',
  settings_changed: 'the settings of {room} changed',
  room_renamed: '{former} is now called {room}',
  not_connected: 'no connection any more, trying again: {reason}',
  no_connection_yet: 'no connection yet: {reason}',
  connected_again: 'connected again',
  held_up: 'still trying: {reason}',
  goes_on: 'the server goes on',
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
  // Contacts
  direct: 'conclave chat {room} writes there; @ and the name stand for the room in other commands',
  invited: 'invited {user} to {room}',
  invitation_waits:
    '{user} invites you to {room} ({trust}, fingerprint {fingerprint}): conclave join {room}, or conclave decline {room}',
  direct_waits:
    '{user} wants to write to you directly ({trust}, fingerprint {fingerprint}): conclave join {room}, conclave decline {room}, or conclave block {user}',
  invitation_unproven:
    'the server shows an invitation from {user} to {room} that {user} did not sign with the key known here: it is not shown; ask {user} to invite you again',
  declined: 'declined {room}',
  blocked: '{user} is blocked: conclave unblock {user} undoes that',
  unblocked: '{user} is no longer blocked',
} as const;

/** Of the columns of tables. */
export const headings = {
  room: 'room',
  online: 'online',
  members: 'members',
  password: 'password',
  suite: 'suite',
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
