import { chosen, type Dashboard, lines, number, quantile, type Row, rate, stacked } from './dashboard.ts';

const state: Row = {
  title: 'State',
  panels: [
    number(
      'Ready',
      'bool_on_off',
      'Accepts new clients, as reported by /readyz.',
      `min(conclave_ready{${chosen}})`,
      {
        yellow: 1,
        red: 0.5,
      },
    ),
    number(
      'Draining',
      'bool_on_off',
      'Sends its clients elsewhere, to be stopped.',
      `max(conclave_draining{${chosen}})`,
      { yellow: 1, red: 2 },
    ),
    number(
      'Broker',
      'bool_on_off',
      'Messages to and from other gateways get through.',
      `min(conclave_broker_up{${chosen}})`,
      { yellow: 1, red: 0.5 },
    ),
    number('Stores', 'bool_on_off', 'The stores answer.', `min(conclave_store_up{${chosen}})`, {
      yellow: 1,
      red: 0.5,
    }),
    number(
      'Runs since',
      's',
      'Since the process was started.',
      `max(time() - process_start_time_seconds{${chosen}})`,
    ),
    number(
      'Connections used',
      'percentunit',
      'Of CONCLAVE_MAX_CONNECTIONS, or what the file limit leaves of it.',
      `max(instance:conclave_connections:ratio{${chosen}})`,
      { yellow: 0.7, red: 0.85 },
    ),
    number(
      'Files open',
      'percentunit',
      'Of the limit of the process. Each connection is one.',
      `max(instance:conclave_open_files:ratio{${chosen}})`,
      { yellow: 0.7, red: 0.85 },
    ),
    number(
      'Warnings',
      'short',
      'Lines of level `warn` in its log within the last hour: unexpected failures.',
      `sum(increase(conclave_warnings_total{${chosen}}[1h]))`,
      { yellow: 1, red: 20 },
    ),
  ],
};

const sessions: Row = {
  title: 'Connections',
  panels: [
    lines('Connections and sessions', 'short', 'Those that are open, and those of them that are logged in.', {
      connections: `conclave_connections{${chosen}}`,
      sessions: `conclave_sessions{${chosen}}`,
    }),
    lines('Rooms', 'short', 'Rooms that sessions of this gateway have entered, and channels it listens to.', {
      rooms: `conclave_rooms{${chosen}}`,
      channels: `conclave_broker_subscriptions{${chosen}}`,
    }),
    lines('Opened and closed', 'cps', 'Closed by code, see PROTOCOL.md.', {
      opened: rate(`conclave_connections_opened_total{${chosen}}`),
      'closed: {{code}}': rate(`conclave_connections_closed_total{${chosen}}`),
    }),
    lines(
      'Time to the hello',
      's',
      'Time from opening a connection to its first frame: the way of the clients.',
      {
        p50: quantile(0.5, 'conclave_handshake_duration_seconds', chosen),
        p99: quantile(0.99, 'conclave_handshake_duration_seconds', chosen),
      },
    ),
    stacked('Requests by operation', 'cps', 'All requests, whatever their outcome.', {
      '{{operation}}': `sum by (operation) (${rate(`conclave_requests_total{${chosen}}`)})`,
    }),
    lines('Refusals by code', 'cps', 'Refused requests, by operation and code.', {
      '{{operation}}: {{outcome}}': `sum by (operation, outcome) (${rate(`conclave_requests_total{${chosen}, outcome!="ok"}`)})`,
    }),
    lines('Time to answer, p99', 's', 'From request to answer, by operation. The deadline is 0.45 s.', {
      '{{operation}}': quantile(0.99, 'conclave_request_duration_seconds', chosen, ['operation']),
    }),
  ],
};

const fanOut: Row = {
  title: 'Fan-out',
  panels: [
    lines(
      'Messages and deliveries',
      'cps',
      'Messages accepted from its clients, and copies handed to its sessions.',
      {
        messages: `instance:conclave_messages_accepted:rate1m{${chosen}}`,
        deliveries: `instance:conclave_deliveries:rate1m{${chosen}}`,
      },
    ),
    lines('Delivery lag', 's', 'Time from publishing a message on any gateway to its fan-out on this one.', {
      p50: quantile(0.5, 'conclave_publish_to_delivery_seconds', chosen),
      p99: quantile(0.99, 'conclave_publish_to_delivery_seconds', chosen),
    }),
    lines('Duration of one fan-out', 's', 'Nothing else happens on this gateway meanwhile.', {
      p50: quantile(0.5, 'conclave_fan_out_duration_seconds', chosen),
      p99: quantile(0.99, 'conclave_fan_out_duration_seconds', chosen),
    }),
    lines('Sessions of one fan-out', 'short', 'Sessions of this gateway that one message was delivered to.', {
      p50: quantile(0.5, 'conclave_fan_out_recipients', chosen),
      p99: quantile(0.99, 'conclave_fan_out_recipients', chosen),
    }),
    lines(
      'Frames per write',
      'short',
      'Writes are what costs: the busier the gateway, the more frames share one.',
      {
        frames: `${rate(`conclave_sent_frames_total{${chosen}}`)} / ${rate(`conclave_outbox_flushes_total{${chosen}}`)}`,
      },
    ),
    lines('Bytes waiting for slow clients', 'bytes', 'In the sockets of its clients.', {
      bytes: `conclave_outbox_bytes{${chosen}}`,
    }),
  ],
};

const epochs: Row = {
  title: 'Epochs of suite 2',
  panels: [
    lines(
      'Epochs',
      'cps',
      'Stored by this gateway; those of them that a long-term key opens; and those refused since another was first.',
      {
        made: rate(`conclave_epochs_made_total{${chosen}}`),
        'without forward secrecy': rate(`conclave_epochs_without_forward_secrecy_total{${chosen}}`),
        'lost races': rate(`conclave_epoch_races_lost_total{${chosen}}`),
      },
    ),
    lines('Wraps', 'cps', 'Keys of these epochs, under RSA alone and to a prekey.', {
      rsa: rate(`conclave_epoch_rsa_wraps_total{${chosen}}`),
      hybrid: rate(`conclave_epoch_hybrid_wraps_total{${chosen}}`),
    }),
    lines('Bytes of wraps waiting', 'bytes', 'For the epoch that they belong to.', {
      bytes: `conclave_epoch_waiting_wrap_bytes{${chosen}}`,
    }),
  ],
};

const files: Row = {
  title: 'Files',
  panels: [
    lines('Bytes of files', 'Bps', 'Chunks that were stored (put) and read (get), encrypted and padded.', {
      '{{direction}}': `sum by (direction) (${rate(`conclave_file_bytes_total{${chosen}}`)})`,
    }),
    lines(
      'Chunks by outcome',
      'cps',
      'Clients try again after unavailable (the node moves as many as it may, or its store is away) and rate_limited.',
      {
        '{{direction}} {{outcome}}': `sum by (direction, outcome) (${rate(`conclave_file_transfers_total{${chosen}}`)})`,
      },
    ),
    lines('Chunks on their way', 'short', 'And the limit, CONCLAVE_MAX_FILE_TRANSFERS.', {
      moving: `conclave_file_transfers{${chosen}}`,
      limit: `conclave_file_transfers_max{${chosen}}`,
    }),
  ],
};

const processRow: Row = {
  title: 'Process',
  panels: [
    stacked('CPU', 'percentunit', 'Of one core. Clients are served on one: near 100 % it is full.', {
      user: rate(`process_cpu_user_seconds_total{${chosen}}`),
      system: rate(`process_cpu_system_seconds_total{${chosen}}`),
    }),
    lines('Memory', 'bytes', 'Resident is what counts against the limit of the container.', {
      resident: `process_resident_memory_bytes{${chosen}}`,
      heap: `nodejs_heap_size_used_bytes{${chosen}}`,
      external: `nodejs_external_memory_bytes{${chosen}}`,
    }),
    lines(
      'Event loop lag',
      's',
      'How late timers are. About 0.05 s is the pause between two looks, not lag.',
      {
        p50: `nodejs_eventloop_lag_p50_seconds{${chosen}}`,
        p99: `nodejs_eventloop_lag_p99_seconds{${chosen}}`,
        max: `nodejs_eventloop_lag_max_seconds{${chosen}}`,
      },
    ),
    lines('Garbage collection', 'percentunit', 'Share of the time, by kind.', {
      '{{kind}}': `sum by (kind) (${rate(`nodejs_gc_duration_seconds_sum{${chosen}}`)})`,
    }),
    lines('Open files', 'short', 'And the limit of the process.', {
      open: `process_open_fds{${chosen}}`,
      limit: `process_max_fds{${chosen}}`,
    }),
    lines('Version', 'short', 'What runs: a new line begins with each deployment.', {
      'Conclave {{version}}, Node {{node}}': `conclave_build_info{${chosen}}`,
    }),
  ],
};

export const oneGateway: Dashboard = {
  uid: 'conclave-gateway',
  title: 'Conclave: one gateway',
  about: 'One gateway from its connections to its garbage collection.',
  instances: 'one',
  rows: [state, sessions, fanOut, epochs, files, processRow],
};
