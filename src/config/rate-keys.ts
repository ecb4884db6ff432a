import type { Rate } from '../protocol/limits.ts';
import type { ConfigKey, ConfigKeys } from './config-key.ts';
import { rate } from './rate.ts';

type RateKeys = Pick<ConfigKeys, Extract<keyof ConfigKeys, `rate${string}`>>;

/** The settings that are rates: all are named RATE_…, and refuse with `rate_limited`. */
export const rateKeys: RateKeys = {
  rateConnectionsAddress: limit('CONNECTIONS_ADDRESS', '20/s:100', 'New connections from one address.'),
  rateConnectionsNode: limit('CONNECTIONS_NODE', '2000/s', 'New connections to this node.'),
  rateRegistrationsAddress: limit('REGISTRATIONS_ADDRESS', '20/h', 'New accounts from one address.'),
  rateLoginsName: limit('LOGINS_NAME', '10/min', 'Logins to one name from one address, over all nodes.'),
  rateLoginsAddress: limit('LOGINS_ADDRESS', '60/min', 'Logins from one address, over all nodes.'),
  ratePasswordUser: limit(
    'PASSWORD_USER',
    '5/min',
    'Wrong attempts of one user at the password of one room.',
  ),
  ratePasswordShare: limit(
    'PASSWORD_SHARE',
    '3/h',
    'Wrong attempts of one user at the password of one room that do not draw on PASSWORD_ROOM.',
  ),
  ratePasswordRoom: limit(
    'PASSWORD_ROOM',
    '30/min',
    'Wrong attempts of all users at the password of one room, beyond the share of each.',
  ),
  rateMessagesUser: limit('MESSAGES_USER', '20/s:60', 'Messages of one user on this node.'),
  rateMessageBytesUser: limit(
    'MESSAGE_BYTES_USER',
    '1048576/s',
    'Bytes of messages of one user on this node.',
  ),
  rateStoredBytesUser: limit(
    'STORED_BYTES_USER',
    '1073741824/day',
    'Bytes of messages of one user that are stored, with the keys for all recipients, over all nodes.',
  ),
  rateStoredBytesRoom: limit(
    'STORED_BYTES_ROOM',
    '8589934592/day',
    'Bytes of messages in one room that are stored, with the keys for all recipients, over all nodes.',
  ),
  rateRequestsSession: limit(
    'REQUESTS_SESSION',
    '50/s:200',
    'Other requests of one session, and its messages that are refused. A reply counts once more for each 32 KiB.',
  ),
  rateFrameBytesSession: {
    name: 'RATE_FRAME_BYTES_SESSION',
    parser: rate,
    whenAbsent: 'twice RATE_MESSAGE_BYTES_USER',
    meaning:
      'Bytes of frames of one session, charged before they are decoded. Leave room for RATE_MESSAGE_BYTES_USER and for what comes with messages.',
  },
  rateJoinsUserRoom: limit('JOINS_USER_ROOM', '10/min', 'Joins and leaves of one user in one room.'),
  rateRosterChangesUser: limit(
    'ROSTER_CHANGES_USER',
    '1000/day',
    'Joins, leaves and changes by one user in all rooms; each is kept as long as copies made under it.',
  ),
  rateCreatesUser: limit('CREATES_USER', '20/h', 'Rooms created by one user.'),
  rateLogoutsUser: limit(
    'LOGOUTS_USER',
    '60/h',
    'Logouts of one user; logging out everywhere is not counted.',
  ),
  rateRotationsUser: limit('ROTATIONS_USER', '10/h', 'Changes of keys by one user.'),
  rateRoomActsUser: limit(
    'ROOM_ACTS_USER',
    '60/min',
    'Changes by one user to rooms, roles and bans as their owner or moderator.',
  ),
};

function limit(name: string, fallback: string, meaning: string): ConfigKey<Rate> {
  return { name: `RATE_${name}`, parser: rate, fallback, meaning };
}
