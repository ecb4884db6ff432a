/**
 * THE table of what a gateway logs: the `event` of each line, and what it means to whoever reads it. Names are never changed: people
 * search for them and raise alerts by them.
 */
export const logEvents = {
  administered: 'An operator did something through this gateway: `action` and `outcome`, never about whom.',
  administration_failed: "An operator's action ended in a fault; its error says which.",
  aftermath:
    'What follows from new keys or the end of an account was cut short; every node looks for such accounts again.',
  aftermath_join:
    'Whether the account of a new member changed meanwhile could not be read; a sweep finds it.',
  aftermath_sweeps:
    'The search for accounts that are behind ended with a fault; other nodes go on, this one after a restart.',
  announce_again: 'A change of a roster could not be published again; members see it when they next read.',
  background_full:
    'A task that nobody waits for was not begun, since there are too many: `task`. What it would have done, a later reader does.',
  broker_connection_lost: 'A connection to Redis was lost: `connection`. It is made again.',
  broker_connection_restored: 'That connection is back.',
  broker_connection_silent:
    'A subscriber connection to Redis looked alive and carried nothing, and was replaced.',
  broker_down: 'Redis is away, silent, or takes no writes: the gateway is not ready.',
  broker_handler_threw: 'A fault in the handling of a message between nodes.',
  broker_not_ready: 'Redis does not answer yet; the start goes on trying.',
  broker_refused:
    'Redis refused a command; `reason` is the first word of its refusal. Once a minute for each reason.',
  broker_up: 'Redis is back.',
  ceiling: "A room's ceiling could not be raised ahead of need; it is raised when it is needed.",
  ceilings_not_lowered:
    'At its stop the gateway could not lower the ceilings of its rooms: their next positions begin higher.',
  clock_check_failed: "A comparison of positions with a room's clock failed; the next one follows.",
  clock_not_raised:
    "A room's clock could not be raised after a change of its record; whoever reads the record does it.",
  clock_jumped: "The machine's clock was set by `seconds`; the embedded store deletes nothing for a day.",
  connection_closed:
    'Level debug. A connection ended: its id `connection`, the close `code` and its `reason`.',
  connection_greeted: 'Level debug. A client greeted the gateway; the reply told it its `connection`.',
  control_channel_not_ready:
    'The channel between nodes could not be subscribed to yet; the start goes on trying.',
  control_failed: 'A notice of another node could not be acted on.',
  data_dir_open_to_others: 'Other users of this machine may read the data directory: close it.',
  draining: 'The drain began: `waitMs` for the balancer, `overMs` for the clients.',
  expiry_sweep_failed: 'Expired messages could not be removed; the next sweep follows.',
  fan_out_failed: 'A fault in the delivery of a message to the sessions of this node.',
  hand_over_began:
    'This gateway lost Redis or MongoDB (`missing`) while others have both, and moves its clients to them.',
  hand_over_ended: 'It has both again, or lost both.',
  identity_missing: 'A member has no identity document in the store.',
  library_warning: 'A library wrote a warning of its own; `text` is what it said.',
  login: 'Level debug. A login or resume on `connection`: its `way` and `outcome`, never whose.',
  member_check_failed: 'Sessions could not be held against the roster of their room; the next check follows.',
  order_unanswered: "An operator's order was obeyed, and its confirmation could not be sent.",
  ordered: "An operator's order came through the cluster: `task`.",
  password_given_back: "An attempt at a room's password could not be taken back from the limits.",
  presence_failed: 'Who is online could not be written; it is written again.',
  probes_answered: 'Health and metrics are served at `adminUrl`.',
  purge_room: 'A deleted room could not be removed at once; a sweep does it.',
  ready: 'The gateway takes clients at `url`.',
  recover_failed: 'Clients could not be told what they may have missed; it is tried again.',
  republish: 'A stored message could not be published again; readers find it in history.',
  republish_skipped:
    'A stored message was not published again, since too many wait; readers find it in history.',
  republish_stored: 'A stored message could not be published again; readers find it in history.',
  request_refused: 'Level debug. A request on `connection` was refused: `request` and `outcome`.',
  request_failed: 'A fault in a request; the connection that sent it was closed. Its stack says where.',
  revocations_unread: 'Revocations could not be read; they are read again.',
  room_chore: 'What is left to do of a deleted room or a changed retention failed; a sweep does it again.',
  room_chores: 'Rooms with something left to do could not be looked for; the next sweep follows.',
  schema_too_new: 'A newer release raised the schema of the store: this gateway drains and ends.',
  secrets_read: "The cluster's secrets could not be read; they are read again.",
  services_not_ready: 'What the services need could not be read yet; the start goes on trying.',
  session_count_failed: "A user's number of sessions could not be written; it is written again.",
  settle: 'Skipped positions of a room could not be settled; a later reader does it.',
  settled: 'How far a room is settled could not be written to its record; a later reader finds it out again.',
  shed_failed: 'Sessions could not be moved elsewhere.',
  status_unposted: 'The gateway could not say how it is; it says so again in two seconds.',
  stop_failed: 'A part of the gateway could not be stopped in order.',
  stopped: 'Everything is closed.',
  store_down: 'MongoDB, or the embedded store, does not answer; the error says why.',
  store_full: 'The embedded store refuses writes: the disk has only its reserve left.',
  store_not_ready: 'MongoDB does not answer yet; the start goes on trying.',
  store_refused: 'MongoDB refused an operation; `reason` is the name of its code. Once a minute for each.',
  store_up: 'It answers, or has room, again.',
  unsubscribe_failed: 'The channel of a room that nobody is in could not be left; a message on it leaves it.',
} as const satisfies Readonly<Record<string, string>>;

export type LogEvent = keyof typeof logEvents;
