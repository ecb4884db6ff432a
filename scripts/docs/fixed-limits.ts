import { ASKING_MAX, HOLD_MS_MAX } from '../../src/adapters/embedded/data-dir-lock.ts';
import { ORPHANS_REMOVED_MAX } from '../../src/adapters/mongo/object-file-chunks.ts';
import { S3_REMOVALS_MAX, S3_REQUEST_MS_MAX, S3_TRIES } from '../../src/adapters/s3/s3-object-store.ts';
import { MEMBER_PAGES_WEIGHT_MAX, TYPING_NOTICES_MAX } from '../../src/core/core.ts';
import { LEASE_HOLDERS_MAX } from '../../src/core/epoch-leases.ts';
import { EPOCHS_KEPT_MAX } from '../../src/core/epochs.ts';
import { IDENTITIES_KEPT_MAX } from '../../src/core/identities.ts';
import { MESSAGE_RATE_USERS_MAX } from '../../src/core/limits.ts';
import { REPUBLISH_BYTES_MAX } from '../../src/core/publisher.ts';
import { PRESENCES_BYTES_MAX } from '../../src/core/room-presence.ts';
import { ROOMS_SEEN_MAX } from '../../src/core/room-sequence.ts';
import { VIEWS_WEIGHT_MAX } from '../../src/core/room-views.ts';
import {
  APPEND_WAITING_BYTES_MAX,
  QUEUE_WAITING_MAX,
  QUEUES_PER_SESSION_MAX,
} from '../../src/core/send-queue.ts';
import { WAITING_WRAPS_NODE_BYTES, WAITING_WRAPS_USER_BYTES } from '../../src/core/waiting-wraps.ts';
import {
  ABUSE_CONNECTIONS,
  ADDRESSES_MAX,
  BAN_MS_MAX,
  BAN_MS_MIN,
  BANNED_LOGIN_CONNECTIONS,
  BANS_MAX,
  LEFT_BUDGETS_MAX,
  REFUSALS_TOLD,
} from '../../src/gateway/admission.ts';
import { OPEN_REQUESTS_MAX } from '../../src/gateway/dispatcher.ts';
import { HELD_PAYLOADS_MAX } from '../../src/gateway/epoch-feed.ts';
import { DOWNLOADERS_MAX, FILE_TRANSFERS_USER_MAX } from '../../src/gateway/file-transfers.ts';
import { PENDING_ADDRESS_SCARCE } from '../../src/gateway/pending-connections.ts';
import { CONTROL_FRAMES } from '../../src/gateway/session.ts';
import {
  DEBT_UNITS_MAX,
  IGNORED_LIMITS,
  REPLY_BYTES_PER_REQUEST,
  TURN_UNITS,
  TURN_UNITS_NODE,
  UNDECODABLE_REQUESTS,
  UNITS_BEFORE_LOGIN,
  UNITS_PER_SECOND,
  WAITING_BYTES_MAX,
  WAITING_BYTES_NODE_MAX,
  WAITING_FRAMES_MAX,
} from '../../src/gateway/session-limits.ts';
import { BACKGROUND_TASKS_MAX } from '../../src/lib/background.ts';
import { OBJECTS_LISTED_MAX } from '../../src/ports/object-store.ts';
import { CHANGES_KEPT_MAX } from '../../src/ports/room-store.ts';
import { ADMIN_BODY_BYTES_MAX } from '../../src/protocol/admin-actions.ts';
import * as wire from '../../src/protocol/limits.ts';
import { MAP_KEYS_MAX, VALUES_MAX } from '../../src/protocol/scan.ts';
import { requestCaps } from '../../src/protocol/server-codec.ts';
import { LAST_FILES, RESERVED_FILES } from '../../src/transport/file-limit.ts';
import { CHUNK_MS_MAX } from '../../src/transport/file-routes.ts';

const { largest } = requestCaps;

/** Limits without a setting, a line for the name and value of each, and one for its row as in limits-table.ts. */
export const fixedLimits = `
open files that new connections may not take: ${LAST_FILES}
  dropped on accept | the node: without a free file it can accept nobody | connections_rejected_total{reason="files"}
open files that connections may not take: ${RESERVED_FILES}
  lowers MAX_CONNECTIONS | stores, backing services and logs | connections_max
connections charged for one closed for abuse: ${ABUSE_CONNECTIONS}
  see RATE_CONNECTIONS_ADDRESS | CPU against abusers that reconnect | connections_rejected_total{reason="address_rate"}
close codes for an address over its rate: ${REFUSALS_TOLD.count} a second, ${REFUSALS_TOLD.burst} at once
  dropped on accept; behind a trusted proxy HTTP status 503 | CPU for handshakes | connections_rejected_total{reason="address_rate"}
connections without a login that an address may open while half of the places are in use: ${PENDING_ADDRESS_SCARCE}
  see MAX_PENDING_CONNECTIONS_ADDRESS | MAX_PENDING_CONNECTIONS for other addresses | connections_rejected_total{reason="address_pending"}
refusals for exceeded limits in a session: ${IGNORED_LIMITS.count} a second, ${IGNORED_LIMITS.burst} at once
  closed, <abuse> | CPU against clients that ignore limits
seconds without a login to any gateway after a session was closed for abuse: ${BAN_MS_MIN / 1_000}, each time twice as long, up to ${BAN_MS_MAX / 1_000}
  <rate_limited> | CPU against abusive accounts that reconnect | rate_limited_total{limit="abuse_user"}
connections charged for a login during that time: ${BANNED_LOGIN_CONNECTIONS}
  see RATE_CONNECTIONS_ADDRESS | CPU against abusers that reconnect | connections_rejected_total{reason="address_rate"}
bytes of a reply that count as one more request: ${REPLY_BYTES_PER_REQUEST}
  <rate_limited> | CPU for large pages | rate_limited_total{limit="requests_session"}
requests charged for an unknown or undecodable one: ${UNDECODABLE_REQUESTS}
  <rate_limited> | CPU against useless decoding and answers | rate_limited_total{limit="requests_session"}
requests of a session in progress: ${OPEN_REQUESTS_MAX}
  <rate_limited> | memory and stores | rate_limited_total{limit="open_requests"}
small requests that a user begins without waiting for a turn: ${UNITS_PER_SECOND} a second, ${TURN_UNITS} at once
  wait for later turns of the event loop | the latency of others | waiting_frame_bytes
waiting requests begun in a turn of the event loop: of a user or address, of the node, of the node before the login: ${TURN_UNITS}, ${TURN_UNITS_NODE}, ${TURN_UNITS_NODE / UNITS_BEFORE_LOGIN}
  wait for later turns | the latency of others | waiting_frame_bytes
pings and pongs of a connection: ${CONTROL_FRAMES.most} in ${CONTROL_FRAMES.periodMs / 1_000} seconds
  closed, <abuse> | CPU: the transport answers each ping
requests that a user owes for large replies: ${DEBT_UNITS_MAX}
  no more are charged | clients that load history
frames of a session waiting for their turn: ${WAITING_FRAMES_MAX}
  closed, <abuse> | memory
bytes of frames waiting for their turn: of a session, of the node: ${WAITING_BYTES_MAX}, ${WAITING_BYTES_NODE_MAX}
  <rate_limited> | memory | rate_limited_total{limit="waiting_bytes"}
bytes of a frame: ${wire.INBOUND_FRAME_BYTES_MAX}
  closed, <frame_too_large> | memory
bytes of a frame before login: ${wire.INBOUND_FRAME_BYTES_MAX_BEFORE_LOGIN}
  closed, <frame_too_large> | CPU
bytes and frames of a batch: ${wire.BATCH_BYTES_MAX}, ${wire.BATCH_FRAMES_MAX}
  the rest follows in the next message | memory of clients
nesting, elements of an array, keys of a map, values of a frame: ${wire.NESTING_DEPTH_MAX}, ${wire.CONTAINER_ITEMS_MAX}, ${MAP_KEYS_MAX}, ${VALUES_MAX}
  closed, <malformed_frame> | memory for decoding
values, arrays and maps, keys of a map, bytes of a text in a request: ${largest?.values}, ${largest?.containers}, ${largest?.keys}, ${largest?.textBytes}
  <bad_request> | CPU and memory for decoding: no request needs more
sends of a session waiting in a room: ${QUEUE_WAITING_MAX}
  <rate_limited> | memory, and the order of messages
bytes of messages waiting for the store: ${APPEND_WAITING_BYTES_MAX}
  <unavailable> | memory while the store is slow
bytes of wraps that wait for their epoch: of a user: ${WAITING_WRAPS_USER_BYTES}
  <too_large> | memory
bytes of wraps that wait for their epoch: of the node: ${WAITING_WRAPS_NODE_BYTES}
  <unavailable> | memory | epoch_waiting_wrap_bytes
seconds that wraps wait for their epoch: ${wire.EPOCH_PART_LIFE_MS / 1_000}
  dropped: <epoch> gets <wraps_missing> | memory
epochs that one user repairs in a room: 1 in ${wire.EPOCH_REPAIR_INTERVAL_MS / 60_000} min
  <rate_limited> | the store | rate_limited_total{limit="epoch_repairs_user_room"}
messages of a room that wait while a new epoch is read: ${HELD_PAYLOADS_MAX}
  delivered without waiting | memory, and the latency of messages
roster changes that a room keeps: ${CHANGES_KEPT_MAX}
  the oldest are forgotten: <members> with an older <since> gets <conflict> | the store
bans of a room: ${wire.ROOM_BANS_MAX}
  <too_large> | the room's record
invitations that wait for a user: ${wire.INVITATIONS_WAITING_MAX}
  <unreachable> | people, and the store
time that an invitation to a room waits: ${wire.INVITATION_LIFE_MS / 86_400_000} days
  it is gone | the store
bytes of the sealed state of a user: ${wire.USER_STATE_BYTES_MAX}
  <bad_request> | the store
users blocked by a user: ${wire.BLOCKS_MAX}
  <too_large> | the store
identity documents of an account: ${wire.IDENTITY_CHAIN_MAX}
  <too_large> | the store
seconds without a commit while a backup opens the embedded store, and processes that ask for it at a time: ${HOLD_MS_MAX / 1_000}, ${ASKING_MAX}
  the backup is refused | the store against a backup that hangs
bytes of an administrative request: ${ADMIN_BODY_BYTES_MAX}
  413 | memory | admin_actions_total{outcome="too_large"}
chunks of files that a user moves through a node at a time: ${FILE_TRANSFERS_USER_MAX}
  HTTP status 429 | MAX_FILE_TRANSFERS for other users | file_transfers_total{outcome="rate_limited"}
seconds for a chunk of a file: ${CHUNK_MS_MAX / 1_000}
  the connection is dropped | MAX_FILE_TRANSFERS against slow clients | file_transfers_total{outcome="aborted"}
seconds for one request to the bucket, and tries of it: ${S3_REQUEST_MS_MAX / 1_000}, ${S3_TRIES}
  HTTP status 503 | MAX_FILE_TRANSFERS against a silent bucket | backend_errors_total{backend="bucket",reason="timeout"}
objects that are removed from the bucket at a time: ${S3_REMOVALS_MAX}
  the others wait | the bucket
folders of the bucket searched for files that nobody owns, and files removed of them, in five minutes: ${OBJECTS_LISTED_MAX}, ${ORPHANS_REMOVED_MAX}
  the others wait | the bucket
seconds for which a ticket for a file is valid: ${wire.FILE_TICKET_LIFE_MS / 1_000}
  HTTP status 401 | rooms against former members | file_transfers_total{outcome="unauthorized"}
seconds for an upload to be finished: ${wire.UPLOAD_LIFE_MS / 1_000}
  <no_such_file> | the store against uploads that are never finished
users whose downloads are counted: ${DOWNLOADERS_MAX}
  the longest idle is forgotten | memory
addresses whose rates are remembered: ${ADDRESSES_MAX}
  the oldest are forgotten | memory
users whose rates are remembered: ${MESSAGE_RATE_USERS_MAX}
  the longest idle is forgotten | memory
typing notices of a user in a room: 1 in ${wire.TYPING_INTERVAL_MS / 1_000} s
  answered, not passed on | readers and the broker
users and rooms whose last typing notice is remembered: ${TYPING_NOTICES_MAX}
  the oldest is forgotten | memory
budgets of ended sessions that are remembered: ${LEFT_BUDGETS_MAX}
  the longest unused is forgotten | memory
users closed for abuse who are remembered: ${BANS_MAX}
  the longest unseen is forgiven | memory
rooms of a session whose order of sends is kept: ${QUEUES_PER_SESSION_MAX}
  the oldest is forgotten | memory
members in cached encoded roster pages: ${MEMBER_PAGES_WEIGHT_MAX}
  read again | memory
members in cached rosters: ${VIEWS_WEIGHT_MAX}
  read again | memory
cached epochs, without their wraps: ${EPOCHS_KEPT_MAX}
  read again | memory
sessions that make epochs, whose leases are remembered: ${LEASE_HOLDERS_MAX}
  the longest idle is forgotten: its leases end by themselves | memory
cached identity documents: ${IDENTITIES_KEPT_MAX}
  read again | memory
bytes of cached presence: ${PRESENCES_BYTES_MAX}
  read again | memory
rooms whose sequencers are watched: ${ROOMS_SEEN_MAX}
  the longest idle is forgotten | memory
bytes waiting to be republished: ${REPUBLISH_BYTES_MAX}
  left to gap checks | memory while the broker is down
background tasks: ${BACKGROUND_TASKS_MAX}
  left to a later reader | memory and stores
`;
