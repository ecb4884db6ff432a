/**
 * THE table of what a gateway logs: the `event` of each line, and what it means to an operator. Names never change: people search
 * for them and alert on them.
 */
export const logEvents = {
  administered:
    'An operator ran an action through this gateway: `action` and `outcome`, never whom it was about.',
  administration_failed: "An operator's action failed unexpectedly; the error says why.",
  aftermath:
    'The work that follows new keys or the end of an account was interrupted; every node looks for such accounts.',
  aftermath_join:
    'Could not check whether the account of a new member had changed meanwhile; a sweep finds it.',
  aftermath_sweeps:
    'The search for accounts with pending work failed and stopped; other nodes continue, this one after a restart.',
  announce_again: 'A roster change could not be republished; members see it when they next read.',
  background_full:
    'A background task was not started because there are too many: `task`. A later reader does its work.',
  broker_connection_lost: 'A connection to Redis was lost: `connection`. The gateway reconnects.',
  broker_connection_restored: 'That connection is back.',
  broker_connection_silent:
    'A subscriber connection to Redis looked alive but carried nothing, and was replaced.',
  broker_down: 'Redis is unreachable, silent, or refuses writes: the gateway is not ready.',
  broker_handler_threw: 'Handling a message between nodes failed unexpectedly.',
  broker_not_ready:
    'Redis does not answer yet; the gateway keeps trying to start. Where it shows, `advice` says what to change in its URL.',
  broker_refused:
    'Redis refused a command; `reason` is the first word of its error. Logged once a minute for each reason.',
  broker_up: 'Redis is back.',
  bucket_down:
    'The bucket for chunks of files does not answer or cannot be used; the error says why, and `advice` what to do. Chat goes on without files.',
  bucket_refused:
    'The bucket refused an operation; `reason` is the code of S3, and `advice` says what to do. Logged once a minute for each kind.',
  bucket_up: 'The bucket for chunks of files can be used.',
  ceiling: "A room's ceiling could not be raised in advance; it is raised when needed.",
  ceilings_not_lowered:
    'The gateway could not lower the ceilings of its rooms while stopping: their next positions start higher.',
  certificate_not_valid:
    'The TLS certificate is expired or not valid yet, so that clients refuse it: valid `from` and `until`.',
  chunk_lost:
    'A chunk that should be in the bucket is not (`missing`), or holds other bytes (`altered`): its file cannot be downloaded.',
  chunks_elsewhere:
    'This cluster keeps chunks of files in a bucket, and this gateway has none configured: it cannot move these files.',
  clock_check_failed: "Comparing positions with a room's sequencer failed; it is compared again later.",
  clock_not_raised:
    "A room's sequencer could not be raised after its record changed; the next reader of the record does it.",
  clock_jumped: "The machine's clock was changed by `seconds`; the embedded store deletes nothing for a day.",
  connection_closed:
    'Level debug. A connection ended: its id `connection`, the close `code` and its `reason`.',
  connection_greeted: 'Level debug. A client greeted the gateway; the reply told it its `connection`.',
  control_channel_not_ready:
    'The channel between nodes cannot be subscribed to yet; the gateway keeps trying to start.',
  control_failed: 'A notice from another node could not be acted on.',
  data_dir_open_to_others:
    'Other users of this machine can read the data directory: restrict its permissions.',
  draining: 'The drain began: `waitMs` for the load balancer, `overMs` for the clients.',
  epoch_lease:
    'A session that was making an epoch ended, and its lease could not be released: it ends by itself within ten seconds.',
  expiry_sweep_failed: 'Expired messages could not be removed; the next sweep tries again.',
  fan_out_failed: 'Delivering a message to the sessions of this node failed unexpectedly.',
  file_sweep: 'Discarded or expired files could not be removed; the next sweep tries again.',
  file_sweeps:
    'The sweep for discarded and expired files stopped; other nodes continue, this one after a restart.',
  file_transfer_failed: 'Moving a chunk of a file failed unexpectedly; the error says why.',
  hand_over_began:
    'This gateway lost Redis or MongoDB (`missing`) while others have both, and moves its clients to them.',
  hand_over_ended: 'The gateway has both again, or lost both.',
  identity_missing: 'A member has no identity document in the store.',
  library_warning: 'A library printed a warning: `text`.',
  login: 'Level debug. A login or resume on `connection`: its `way` and `outcome`, never whose.',
  member_check_failed:
    'Sessions could not be checked against the roster of their room; the next check follows.',
  order_unanswered: "An operator's order was carried out, but its confirmation could not be sent.",
  ordered: "An operator's order arrived through the cluster: `task`.",
  page_not_built: 'The web client is to be served, but was not built: `npm run build` builds it.',
  password_given_back: "An attempt at a room's password could not be credited back to the limits.",
  presence_failed: 'Presence could not be written; it is written again.',
  probes_answered: 'Health and metrics are served at `adminUrl`.',
  purge_room: 'A deleted room could not be removed immediately; a sweep does it.',
  retire_epochs:
    'Epochs that nothing may be sealed under any more got no end; the next epoch of the room gives it to them.',
  ready: 'The gateway accepts clients at `url`.',
  recover_failed: 'Clients could not be told what they may have missed; the gateway tries again.',
  republish: 'A stored message could not be republished; readers find it in history.',
  republish_skipped:
    'A stored message was not republished because too many are waiting; readers find it in history.',
  republish_stored: 'A stored message could not be republished; readers find it in history.',
  request_refused: 'Level debug. A request on `connection` was refused: `request` and `outcome`.',
  request_failed:
    'A request failed unexpectedly; the connection that sent it was closed. The stack says where.',
  revocations_unread: 'Revocations could not be read; they are read again.',
  room_chore: 'The remaining work for a deleted room or a changed retention failed; a sweep does it again.',
  room_chores: 'Rooms with remaining work could not be searched for; the next sweep follows.',
  schema_too_new: 'A newer release raised the schema of the store: this gateway drains and exits.',
  secrets_read: "The cluster's secrets could not be read; they are read again.",
  services_not_ready: 'What the services need cannot be read yet; the gateway keeps trying to start.',
  session_count_failed: "A user's session count could not be written; it is written again.",
  settle: 'Skipped positions of a room could not be settled; a later reader does it.',
  settled:
    'The settled position of a room could not be written to its record; a later reader determines it again.',
  shed_failed: 'Sessions could not be moved elsewhere.',
  status_unposted: 'The gateway could not post its status; it tries again in two seconds.',
  start_refused:
    'The gateway does not start, and says the same on standard error: `reason`, and what to change.',
  stop_failed: 'A part of the gateway could not be stopped cleanly.',
  stopped: 'Everything is closed.',
  store_down: 'MongoDB or the embedded store does not answer; the error says why.',
  store_full: 'The embedded store refuses writes: the disk has only its reserve left.',
  store_not_ready: 'MongoDB does not answer yet; the gateway keeps trying to start.',
  store_refused:
    'MongoDB refused an operation; `reason` is the name of its error code. Logged once a minute for each.',
  store_up: 'The store answers, or has space, again.',
  unsubscribe_failed:
    'The channel of an empty room could not be unsubscribed; the next message on it tries again.',
} as const satisfies Readonly<Record<string, string>>;

export type LogEvent = keyof typeof logEvents;
