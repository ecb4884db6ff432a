/**
 * What a person reads when something on this machine is in the way. Values: `path`, `user`, `server`, `host`, `size`, `process`, `number`,
 * `mode`, `version`.
 */
export const local = {
  disk_full:
    'the disk is full: {path:what this command needs} could not be written. Free some space, then try again',
  disk_reserve: 'the disk is nearly full: free at least {size,number} MiB for {path}, then try again',
  read_only:
    '{path:what this command needs} is on a read-only file system: make it writable, or choose another place',
  not_permitted:
    'you may not use {path:what this command needs}: see who owns it with ls -ld, or choose another profile with --profile',
  not_writable: '{path} could not be written: check the disk and who owns it',
  not_readable: '{path} could not be read: does it exist, and may you read it?',
  folder_missing: 'there is no folder for {path}: create it first, or choose another place',
  folder_gone: '{path} was moved or deleted while it was in use: put it back, or start again',
  file_missing: 'there is no file {path:what this command needs}: check the name',
  file_not_permitted: 'you may not read {path}: see who owns it with ls -l',
  file_in_the_way: 'a part of {path:the path} is a file, not a folder: check the path',
  file_is_folder: '{path:what this command needs} is a folder: give the name of a file',
  too_many_files: 'this machine has too many files open: raise the limit with ulimit -n 1024',
  disk_broken: 'the disk with {path:the profile} reports an error: check the system log',
  foreign_owner:
    '{path} belongs to another user (number {number}): run conclave as that user, or choose another profile with --profile',
  open_to_others: '{path} can be used by others; run: chmod {mode} {quoted}',
  key_file_damaged:
    '{path:the file} is damaged, or no key file: restore it from a backup, or from your export with conclave import FILE',
  key_file_newer: '{path:the file} was written by a later release (version {version}): update the client',
  key_file_replaced: 'the key file was replaced while this was running: start again',
  state_beyond:
    'the server says that there were more versions of your settings than there can be: nothing of yours is stored there. Ask who runs it',
  ignored_full: 'you can ignore {max,number} people at most, and the ones you no longer ignore count too',
  content_newer: '{path:the file} holds something that this release does not know: update the client',
  keys_do_not_fit:
    'the keys of this account do not belong together: restore them from a backup, or from your export',
  keys_of_another: 'the keys in this folder are those of {user}: check --user and --profile',
  export_damaged:
    '{path:the file} is damaged, or no export of Conclave: give a file that conclave export wrote',
  wrong_passphrase: 'wrong passphrase, or {path:the file} is damaged',
  passphrase_missing: '{path:the file} is protected by a passphrase: give it with --passphrase-file FILE',
  state_missing:
    '{path} is missing. It holds whose keys you trust, and the secrets of rooms: restore it from a backup, or start without it with conclave recover',
  state_damaged:
    '{path} is damaged. It holds whose keys you trust, and the secrets of rooms: restore it from a backup, or start without it with conclave recover',
  state_of_others:
    'the state of this profile is damaged, or belongs to other keys: restore keys and state from one backup, or start without it with conclave recover',
  profile_newer: 'this profile was used by a later release: update the client',
  profile_locked:
    'process {process} holds the lock of this profile ({path}) and does not release it: resume it (kill -CONT {process}) or end it (kill {process}), then try again',
  profile_reopened: 'other processes keep opening this profile ({path}): end them, then try again',
  profile_closed: 'the profile was closed',
  profile_stuck: 'the profile could not be closed: another process may hold its lock',
  no_account: 'you have no account for {server} here: conclave register NAME creates one',
  no_keys: 'there are no keys of {user} for {server} here: check --user and --server',
  account_exists: 'you already have an account of {user} for {server} here',
  keys_exist: 'you already have the keys of {user} for {server} here',
  keys_same: 'nothing to import: these keys of {user} for {server} are here already',
  keys_older: 'nothing to import: there are newer keys of {user} for {server} here',
  keys_other: 'there are other keys of {user} for {server} here: import into another profile with --profile',
  file_exists: '{path} already exists: choose another name',
  unknown_account:
    '{host:the server} does not know this account (another server at this address?), or somebody is intercepting. Check --server; if you made new keys elsewhere, export them there and import them here',
  ended_elsewhere:
    'your session was ended from elsewhere, by a logout or because your keys were replaced: if they were, export them there and import them here',
  keys_replaced: 'your keys were replaced on another machine: export them there and import them here',
  account_over: 'this account was closed',
  request_too_large:
    'this is over the {size,number} bytes that the server accepts at once: shorten or split it',
  other_protocol:
    'the server speaks protocol version {version}, which this client does not: update the older one',
  backup_does_not_open:
    'the server sent a backup that this recovery code does not open: it is damaged, or somebody is interfering',
  backup_of_another: 'the server sent a backup of another account or of other keys: nothing was restored',
  backup_outdated:
    'the keys in the backup are no longer those of the account: they were replaced after it was made, or the account was closed',
  code_no_code: 'a recovery code is 24 letters and digits, such as K10M-PQRS-TVWX-YZ01-2345-6789',
  code_mistyped: 'the recovery code is mistyped: one character is wrong, or two are swapped',
  link_broken:
    'what arrived is not what the other device sent: it is damaged, or somebody is interfering. Start again on both devices',
  link_refused: 'the other device refused: the digits were wrong, or somebody there cancelled. Start again',
  link_declined:
    'the new device did not take the account: it was declined there, or the link was ended. Start again on both devices',
  link_digits_wrong:
    'these are not the digits on the new device: nothing was handed over. Start again on the new device, with a new code',
  link_bad_code:
    'this is not the code of a waiting device: type its 8 letters and digits, such as K10M-PQRS, or give the text of its QR code',
  not_invited:
    'no invitation to {room} waits for you: /invitations, or conclave invitations on the command line, lists them',
  contact_oneself: 'that is your own account',
  no_direct_room: 'you have no direct messages with {user}: start with conclave dm {user}, or /msg {user}',
  direct_to_other:
    'the server led to somebody other than {user}: nothing was sent. Somebody may be interfering',
  direct_changed:
    'the server shows your direct room with {user} as another room, {room}: it is not used. Somebody may be interfering',
  direct_has_others:
    'the server shows {users} in {room}, which is for two: nothing is sent there. Somebody may be interfering',
  bad_reaction: '{given} is not an emoji: a reaction is one emoji',
  mentions_too_many: 'one message mentions at most {count,number} people',
  files_too_many: 'a message can have at most {count,number} files',
  message_too_large: 'text and files are too large for one message: send several',
  file_too_large:
    'the file is larger than the {size,number} bytes that this server accepts, padding included',
  file_changed: 'the file keeps changing while it is read: try again when nothing writes to it',
  file_altered: 'the server did not return {name:the file} as it was sent: nothing was saved',
  files_left: 'that is done, but the files of the message are still on the server: {reason}',
  file_gone: '{name:the file} is no longer on the server: it has expired, or somebody removed it',
  transfer_failed: 'the transfer of the file made no progress for too long: try again later',
  transfer_refused:
    'the server refused the file (HTTP status {status}): client and server may be of incompatible releases',
  bad_user_name: 'a user name is 3 to 20 letters (A to Z) and digits, without spaces or "-"',
  bad_room_name: 'a room name is 3 to 30 letters (A to Z) and digits, without spaces or "-"',
  wrong_room_password: 'wrong password for {room}: try again',
  bad_server:
    '{given} is not the address of a server: enter one such as wss://chat.example.org or ws://127.0.0.1:8080',
  bad_server_meant: '{given} is not the address of a server: did you mean {wanted}?',
  exposed:
    '{server} is without TLS: others on the network path can see who talks with whom and when, but no messages. Use wss:// if the server offers it',
  no_server: 'could not connect to the server in time: is it running, and is this machine online?',
  still_no_connection: 'gave up: there is still no connection',
  timed_out: 'timed out: allow more time with --timeout SECONDS',
  timed_out_waiting: 'timed out: {reason}',
  output_full: 'standard output could not be written: the disk is full',
  output_failed: 'standard output could not be written',
  bug: 'conclave failed unexpectedly: run it again with --json to see the cause, and report that',
} as const;
