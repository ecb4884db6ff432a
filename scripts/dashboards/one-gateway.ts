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
    lines('Connections and sessions', 'short', 'Those that are open, and those of them that are logged in.', [
      { expr: `conclave_connections{${chosen}}`, legend: 'connections' },
      { expr: `conclave_sessions{${chosen}}`, legend: 'sessions' },
    ]),
    lines('Rooms', 'short', 'Rooms that sessions of this gateway have entered, and channels it listens to.', [
      { expr: `conclave_rooms{${chosen}}`, legend: 'rooms' },
      { expr: `conclave_broker_subscriptions{${chosen}}`, legend: 'channels' },
    ]),
    lines('Opened and closed', 'cps', 'Closed by code, see PROTOCOL.md.', [
      { expr: rate(`conclave_connections_opened_total{${chosen}}`), legend: 'opened' },
      { expr: rate(`conclave_connections_closed_total{${chosen}}`), legend: 'closed: {{code}}' },
    ]),
    lines(
      'Time to the hello',
      's',
      'Time from opening a connection to its first frame: the way of the clients.',
      [
        { expr: quantile(0.5, 'conclave_handshake_duration_seconds', chosen), legend: 'p50' },
        { expr: quantile(0.99, 'conclave_handshake_duration_seconds', chosen), legend: 'p99' },
      ],
    ),
    stacked('Requests by operation', 'cps', 'All requests, whatever their outcome.', [
      {
        expr: `sum by (operation) (${rate(`conclave_requests_total{${chosen}}`)})`,
        legend: '{{operation}}',
      },
    ]),
    lines('Refusals by code', 'cps', 'Refused requests, by operation and code.', [
      {
        expr: `sum by (operation, outcome) (${rate(`conclave_requests_total{${chosen}, outcome!="ok"}`)})`,
        legend: '{{operation}}: {{outcome}}',
      },
    ]),
    lines('Time to answer, p99', 's', 'From request to answer, by operation. The deadline is 0.45 s.', [
      {
        expr: quantile(0.99, 'conclave_request_duration_seconds', chosen, ['operation']),
        legend: '{{operation}}',
      },
    ]),
  ],
};

const fanOut: Row = {
  title: 'Fan-out',
  panels: [
    lines(
      'Messages and deliveries',
      'cps',
      'Messages accepted from its clients, and copies handed to its sessions.',
      [
        { expr: `instance:conclave_messages_accepted:rate1m{${chosen}}`, legend: 'messages' },
        { expr: `instance:conclave_deliveries:rate1m{${chosen}}`, legend: 'deliveries' },
      ],
    ),
    lines('Delivery lag', 's', 'Time from publishing a message on any gateway to its fan-out on this one.', [
      { expr: quantile(0.5, 'conclave_publish_to_delivery_seconds', chosen), legend: 'p50' },
      { expr: quantile(0.99, 'conclave_publish_to_delivery_seconds', chosen), legend: 'p99' },
    ]),
    lines('Duration of one fan-out', 's', 'Nothing else happens on this gateway meanwhile.', [
      { expr: quantile(0.5, 'conclave_fan_out_duration_seconds', chosen), legend: 'p50' },
      { expr: quantile(0.99, 'conclave_fan_out_duration_seconds', chosen), legend: 'p99' },
    ]),
    lines('Sessions of one fan-out', 'short', 'Sessions of this gateway that one message was delivered to.', [
      { expr: quantile(0.5, 'conclave_fan_out_recipients', chosen), legend: 'p50' },
      { expr: quantile(0.99, 'conclave_fan_out_recipients', chosen), legend: 'p99' },
    ]),
    lines(
      'Frames per write',
      'short',
      'Writes are what costs: the busier the gateway, the more frames share one.',
      [
        {
          expr: `${rate(`conclave_sent_frames_total{${chosen}}`)} / ${rate(`conclave_outbox_flushes_total{${chosen}}`)}`,
          legend: 'frames',
        },
      ],
    ),
    lines('Bytes waiting for slow clients', 'bytes', 'In the sockets of its clients.', [
      { expr: `conclave_outbox_bytes{${chosen}}`, legend: 'bytes' },
    ]),
  ],
};

const processRow: Row = {
  title: 'Process',
  panels: [
    stacked('CPU', 'percentunit', 'Of one core. Clients are served on one: near 100 % it is full.', [
      { expr: rate(`process_cpu_user_seconds_total{${chosen}}`), legend: 'user' },
      { expr: rate(`process_cpu_system_seconds_total{${chosen}}`), legend: 'system' },
    ]),
    lines('Memory', 'bytes', 'Resident is what counts against the limit of the container.', [
      { expr: `process_resident_memory_bytes{${chosen}}`, legend: 'resident' },
      { expr: `nodejs_heap_size_used_bytes{${chosen}}`, legend: 'heap' },
      { expr: `nodejs_external_memory_bytes{${chosen}}`, legend: 'external' },
    ]),
    lines(
      'Event loop lag',
      's',
      'How late timers are. About 0.05 s is the pause between two looks, not lag.',
      [
        { expr: `nodejs_eventloop_lag_p50_seconds{${chosen}}`, legend: 'p50' },
        { expr: `nodejs_eventloop_lag_p99_seconds{${chosen}}`, legend: 'p99' },
        { expr: `nodejs_eventloop_lag_max_seconds{${chosen}}`, legend: 'max' },
      ],
    ),
    lines('Garbage collection', 'percentunit', 'Share of the time, by kind.', [
      {
        expr: `sum by (kind) (${rate(`nodejs_gc_duration_seconds_sum{${chosen}}`)})`,
        legend: '{{kind}}',
      },
    ]),
    lines('Open files', 'short', 'And the limit of the process.', [
      { expr: `process_open_fds{${chosen}}`, legend: 'open' },
      { expr: `process_max_fds{${chosen}}`, legend: 'limit' },
    ]),
    lines('Version', 'short', 'What runs: a new line begins with each deployment.', [
      { expr: `conclave_build_info{${chosen}}`, legend: 'Conclave {{version}}, Node {{node}}' },
    ]),
  ],
};

export const oneGateway: Dashboard = {
  uid: 'conclave-gateway',
  title: 'Conclave: one gateway',
  about: 'One gateway from its connections to its garbage collection.',
  instances: 'one',
  rows: [state, sessions, fanOut, processRow],
};
