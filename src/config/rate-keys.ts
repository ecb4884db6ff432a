import type { Rate } from '../protocol/limits.ts';
import type { ConfigKey } from './config-key.ts';
import { rate } from './rate.ts';

/** The settings that are rates: all are named RATE_…, and refuse with `rate_limited`. */
export const rateKeys = {
  rateConnectionsAddress: limit('CONNECTIONS_ADDRESS', '20/s:100', 'New connections from one address.'),
  rateConnectionsNode: limit('CONNECTIONS_NODE', '2000/s', 'New connections to this node.'),
  rateRegistrationsAddress: limit('REGISTRATIONS_ADDRESS', '20/h', 'New accounts from one address.'),
  rateLoginsName: limit('LOGINS_NAME', '10/min', 'Logins to one name from one address, over all nodes.'),
  rateLoginsAddress: limit('LOGINS_ADDRESS', '60/min', 'Logins from one address, over all nodes.'),
  ratePasswordUser: limit('PASSWORD_USER', '5/min', 'Wrong passwords from one user for one room.'),
  ratePasswordShare: limit(
    'PASSWORD_SHARE',
    '3/h',
    'Wrong passwords from one user for one room that are not charged to RATE_PASSWORD_ROOM.',
  ),
  ratePasswordRoom: limit(
    'PASSWORD_ROOM',
    '30/min',
    'Wrong passwords from all users for one room, beyond the RATE_PASSWORD_SHARE of each.',
  ),
  rateMessagesUser: limit('MESSAGES_USER', '20/s:60', 'Messages from one user on this node.'),
  rateMessageBytesUser: limit('MESSAGE_BYTES_USER', '1048576/s', 'Message bytes from one user on this node.'),
  rateStoredBytesUser: limit(
    'STORED_BYTES_USER',
    '1073741824/day',
    'Stored message bytes from one user, including the keys for all recipients, over all nodes.',
  ),
  rateStoredBytesRoom: limit(
    'STORED_BYTES_ROOM',
    '8589934592/day',
    'Stored message bytes in one room, including the keys for all recipients, over all nodes.',
  ),
  rateUploadBytesUser: limit(
    'UPLOAD_BYTES_USER',
    '2147483648/day',
    'Bytes of files that one user begins to upload, over all nodes.',
  ),
  rateUploadBytesRoom: limit(
    'UPLOAD_BYTES_ROOM',
    '10737418240/day',
    'Bytes of files that are uploaded to one room, over all nodes.',
  ),
  rateUploadBytesAll: limit(
    'UPLOAD_BYTES_ALL',
    '107374182400/day',
    'Bytes of files that all users together upload, over all nodes.',
  ),
  rateDownloadBytesUser: limit(
    'DOWNLOAD_BYTES_USER',
    '10737418240/day',
    'Bytes of files that one user downloads from this node.',
  ),
  rateRequestsSession: limit(
    'REQUESTS_SESSION',
    '50/s:200',
    'Other requests of one session, and its refused messages. A reply counts as one more request for each 32 KiB.',
  ),
  rateFrameBytesSession: {
    name: 'RATE_FRAME_BYTES_SESSION',
    parser: rate,
    whenAbsent: 'twice RATE_MESSAGE_BYTES_USER',
    meaning:
      'Frame bytes from one session, charged before decoding. Leave room for RATE_MESSAGE_BYTES_USER plus the overhead of messages.',
  },
  rateJoinsUserRoom: limit('JOINS_USER_ROOM', '10/min', 'Joins and leaves by one user in one room.'),
  rateRosterChangesUser: limit(
    'ROSTER_CHANGES_USER',
    '1000/day',
    'Joins, leaves and roster changes by one user in all rooms; each is kept as long as copies made under it.',
  ),
  rateCreatesUser: limit('CREATES_USER', '20/h', 'Rooms created by one user.'),
  rateLogoutsUser: limit(
    'LOGOUTS_USER',
    '60/h',
    'Logouts by one user; logging out everywhere is not counted.',
  ),
  rateRotationsUser: limit('ROTATIONS_USER', '10/h', 'Key rotations by one user.'),
  ratePrekeysUser: limit('PREKEYS_USER', '30/h', 'Requests of one user that store prekeys.'),
  rateBackupsUser: limit('BACKUPS_USER', '64/h', 'Parts of backups, of 256 KiB each, stored by one user.'),
  rateBackupTriesName: limit(
    'BACKUP_TRIES_NAME',
    '5/h',
    'Attempts from one address to fetch the backup of one name with a wrong recovery code, over all nodes.',
  ),
  rateBackupTriesAddress: limit(
    'BACKUP_TRIES_ADDRESS',
    '20/h',
    'Attempts from one address to fetch backups with a wrong recovery code, over all nodes.',
  ),
  rateLinksUser: limit(
    'LINKS_USER',
    '100/h',
    'Entries that one user puts into channels to hand the account to another device.',
  ),
  rateLinksAddress: limit('LINKS_ADDRESS', '20/h', 'Channels opened from one address for a new device.'),
  rateInvitesUser: limit(
    'INVITES_USER',
    '60/h',
    'Invitations to rooms by one user, and direct rooms that the user opens with somebody.',
  ),
  rateInvitesPair: limit('INVITES_PAIR', '5/day', 'The same from one user to one other user.'),
  rateStateUser: limit(
    'STATE_USER',
    '600/h',
    'Times that the sessions of one user store what was read, room settings and ignored people.',
  ),
  rateEpochsRoom: limit('EPOCHS_ROOM', '60/min', 'Epochs stored in one room of suite 2, by all members.'),
  rateRoomActsUser: limit(
    'ROOM_ACTS_USER',
    '60/min',
    'Changes to rooms, roles and bans by one user as owner or moderator.',
  ),
} as const satisfies Readonly<Record<`rate${string}`, ConfigKey<Rate>>>;

function limit(name: string, fallback: string, meaning: string): ConfigKey<Rate> {
  return { name: `RATE_${name}`, parser: rate, fallback, meaning };
}
