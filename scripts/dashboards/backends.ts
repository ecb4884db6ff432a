import {
  chosen,
  type Dashboard,
  lines,
  number,
  ofJob,
  quantile,
  type Row,
  rate,
  stacked,
} from './dashboard.ts';

const broker: Row = {
  title: 'Broker, as the gateways see it',
  panels: [
    lines(
      'Up',
      'bool_on_off',
      'Messages to and from other gateways get through. Down: that gateway is not ready.',
      [{ expr: `conclave_broker_up{${chosen}}`, legend: '{{instance}}' }],
    ),
    lines(
      'Probe and back',
      's',
      'A gateway sends itself a message every 2 s over the ordinary way; 5 s without one, and it reconnects.',
      [
        {
          expr: quantile(0.5, 'conclave_broker_probe_seconds', chosen, ['instance']),
          legend: '{{instance}} p50',
        },
        {
          expr: quantile(0.99, 'conclave_broker_probe_seconds', chosen, ['instance']),
          legend: '{{instance}} p99',
        },
      ],
    ),
    lines(
      'Reconnects',
      'cps',
      'Reconnects, and connections that looked alive but received nothing and were replaced.',
      [
        { expr: rate(`conclave_broker_reconnects_total{${chosen}}`), legend: '{{instance}} reconnected' },
        { expr: rate(`conclave_broker_starved_total{${chosen}}`), legend: '{{instance}} starved' },
      ],
    ),
    lines('Channels', 'short', 'Channels that a gateway listens to: its rooms and a few of its own.', [
      { expr: `conclave_broker_subscriptions{${chosen}}`, legend: '{{instance}}' },
    ]),
    lines(
      'Gaps',
      'cps',
      'Channels on which messages may have been missed; clients were told to read history.',
      [{ expr: rate(`conclave_broker_gaps_total{${chosen}}`), legend: '{{instance}}' }],
    ),
    lines('Repeated publishes', 'cps', 'Publishes of stored messages retried in the background.', [
      { expr: rate(`conclave_publish_retries_total{${chosen}}`), legend: '{{instance}}' },
    ]),
    lines(
      'Errors of backing services',
      'cps',
      'Operations and connections that failed at Redis, MongoDB or the embedded store, by reason. Of Redis, the first word of its refusal.',
      [
        {
          expr: `sum by (backend, reason) (${rate(`conclave_backend_errors_total{${chosen}}`)})`,
          legend: '{{backend}} {{reason}}',
        },
      ],
    ),
    lines(
      'Free disk of the store',
      'bytes',
      "Of the embedded store, which refuses writes at CONCLAVE_DISK_RESERVE_BYTES, or of MongoDB's primary.",
      [{ expr: `conclave_store_free_bytes{${chosen}}`, legend: '{{instance}}' }],
    ),
  ],
};

const redis: Row = {
  title: 'Redis',
  panels: [
    lines('Memory', 'bytes', 'Used, and the limit. Nothing is evicted: full means that writes are refused.', [
      { expr: 'redis_memory_used_bytes{job="conclave-redis"}', legend: '{{instance}} used' },
      { expr: 'redis_memory_max_bytes{job="conclave-redis"}', legend: '{{instance}} limit' },
    ]),
    lines(
      'Longest output buffer',
      'bytes',
      'Of any client of late. A gateway that reads too slowly is cut at the limit for pubsub in deploy/redis.',
      [{ expr: 'redis_client_recent_max_output_buffer_bytes{job="conclave-redis"}', legend: '{{instance}}' }],
    ),
    lines('Clients and channels', 'short', 'Connections to Redis, and channels with a subscriber.', [
      { expr: 'redis_connected_clients{job="conclave-redis"}', legend: '{{instance}} clients' },
      { expr: 'redis_pubsub_channels{job="conclave-redis"}', legend: '{{instance}} channels' },
    ]),
    lines('Commands', 'cps', 'Commands done, and those that failed.', [
      { expr: rate('redis_commands_processed_total{job="conclave-redis"}'), legend: '{{instance}} done' },
      { expr: rate('redis_total_error_replies{job="conclave-redis"}'), legend: '{{instance}} failed' },
    ]),
    lines(
      'Network',
      'Bps',
      'A message goes in once, and out once for each gateway with someone in its room.',
      [
        { expr: rate('redis_net_input_bytes_total{job="conclave-redis"}'), legend: '{{instance}} in' },
        { expr: rate('redis_net_output_bytes_total{job="conclave-redis"}'), legend: '{{instance}} out' },
      ],
    ),
    lines(
      'CPU',
      'percentunit',
      'Of one core. Redis works on one: near 100 % it is time for a Redis Cluster.',
      [
        {
          expr: `${rate('redis_cpu_user_seconds_total{job="conclave-redis"}')} + ${rate('redis_cpu_sys_seconds_total{job="conclave-redis"}')}`,
          legend: '{{instance}}',
        },
      ],
    ),
  ],
};

const clocks: Row = {
  title: 'Clocks and presence',
  panels: [
    lines(
      'Users online and sessions',
      'short',
      'Online as the shared presence has it, by gateway asked; sessions as the gateways count them. More users than sessions are ghosts.',
      [
        { expr: `conclave_online_users{${chosen}}`, legend: 'online, says {{instance}}' },
        { expr: `job:conclave_sessions:sum{${ofJob}}`, legend: 'sessions' },
      ],
    ),
    lines('Presence steps', 'cps', 'Changes of who is where, by operation.', [
      {
        expr: `sum by (operation) (${rate(`conclave_presence_operations_total{${chosen}}`)})`,
        legend: '{{operation}}',
      },
    ]),
    lines(
      'Leases',
      'cps',
      'Reaped: dead gateways whose presence was removed. Lost: a gateway that was paused for longer than its lease.',
      [
        { expr: rate(`conclave_presence_reaped_total{${chosen}}`), legend: 'reaped by {{instance}}' },
        { expr: rate(`conclave_presence_leases_lost_total{${chosen}}`), legend: 'lost by {{instance}}' },
      ],
    ),
    lines(
      'Sequencers rebuilt',
      'cps',
      'Room sequencers that Redis had lost, rebuilt from the record; many at once are a restart of Redis.',
      [{ expr: rate(`conclave_clock_rebuilds_total{${chosen}}`), legend: '{{instance}}' }],
    ),
    lines(
      'Void positions',
      'cps',
      'Positions settled as empty, because their message never arrived at the store.',
      [{ expr: rate(`conclave_void_positions_total{${chosen}}`), legend: '{{instance}}' }],
    ),
  ],
};

const stores: Row = {
  title: 'Stores, as the gateways see them',
  panels: [
    number('Up', 'bool_on_off', 'The stores answer every gateway.', `min(conclave_store_up{${chosen}})`, {
      yellow: 1,
      red: 0.5,
    }),
    number(
      'Slowest operation, p99',
      's',
      'Of those that are asked for more than five times in a minute. A request has 0.45 s for all its steps.',
      `max(job_operation:conclave_store_operation_duration_seconds:p99_5m{${ofJob}} and job_operation:conclave_store_operations:rate5m > 0.08)`,
      { yellow: 0.1, red: 0.25 },
    ),
    number(
      'Messages per write',
      'short',
      'Messages that wait together are stored by one write: the more, the busier it is.',
      `sum(${rate(`conclave_append_batch_messages_sum{${chosen}}`)}) / sum(${rate(`conclave_append_batch_messages_count{${chosen}}`)})`,
    ),
    stacked('Operations', 'cps', 'By operation.', [
      {
        expr: `sum by (operation) (${rate(`conclave_store_operations_total{${chosen}}`)})`,
        legend: '{{operation}}',
      },
    ]),
    lines('Outcomes', 'cps', '`unavailable`: no answer in time, or none at all.', [
      {
        expr: `sum by (outcome) (${rate(`conclave_store_operations_total{${chosen}}`)})`,
        legend: '{{outcome}}',
      },
    ]),
    lines('Time of an operation, p50', 's', 'By operation, on all gateways chosen.', [
      {
        expr: quantile(0.5, 'conclave_store_operation_duration_seconds', chosen, ['operation']),
        legend: '{{operation}}',
      },
    ]),
    lines('Time of an operation, p99', 's', 'By operation, on all gateways of the cluster.', [
      {
        expr: `job_operation:conclave_store_operation_duration_seconds:p99_5m{${ofJob}}`,
        legend: '{{operation}}',
      },
    ]),
    lines('Messages per write', 'short', 'Half of the writes, and nearly all, store no more than this.', [
      { expr: quantile(0.5, 'conclave_append_batch_messages', chosen), legend: 'p50' },
      { expr: quantile(0.99, 'conclave_append_batch_messages', chosen), legend: 'p99' },
    ]),
  ],
};

/** As the collector of deploy/mongo/collector.yml names it. What is of the whole server comes once for each database. */
const mongodb: Row = {
  title: 'MongoDB',
  panels: [
    lines(
      'Operations',
      'cps',
      'By kind. A message that is stored is an insert, in a batch with its neighbours.',
      [
        {
          expr: rate('mongodb_operation_count_total{job="conclave-mongo"}'),
          legend: '{{server_address}} {{operation}}',
        },
      ],
    ),
    lines('Connections', 'short', 'Those that are open, and how many more it takes.', [
      {
        expr: 'max by (server_address, type) (mongodb_connection_count{job="conclave-mongo",type=~"current|available"})',
        legend: '{{server_address}} {{type}}',
      },
    ]),
    lines('Network', 'Bps', 'From and to the gateways and the other members of the set.', [
      {
        expr: rate('mongodb_network_io_receive_bytes{job="conclave-mongo"}'),
        legend: '{{server_address}} in',
      },
      {
        expr: rate('mongodb_network_io_transmit_bytes{job="conclave-mongo"}'),
        legend: '{{server_address}} out',
      },
    ]),
    lines(
      'Documents',
      'short',
      'In each database. They grow with people and rooms; stored messages level off when new ones come as fast as old ones expire.',
      [
        {
          expr: 'max by (server_address, database) (mongodb_object_count{job="conclave-mongo"})',
          legend: '{{server_address}} {{database}}',
        },
      ],
    ),
    lines(
      'Size',
      'bytes',
      'Of all databases: the documents as they are, on disk, where they are compressed, and their indexes.',
      [
        {
          expr: 'sum by (server_address) (mongodb_data_size_bytes{job="conclave-mongo"})',
          legend: '{{server_address}} documents',
        },
        {
          expr: 'sum by (server_address) (mongodb_storage_size_bytes_total{job="conclave-mongo"})',
          legend: '{{server_address}} documents on disk',
        },
        {
          expr: 'sum by (server_address) (mongodb_index_size_bytes{job="conclave-mongo"})',
          legend: '{{server_address}} indexes',
        },
      ],
    ),
    lines('Memory', 'bytes', 'Resident, its cache included. Near the limit of its container, it is killed.', [
      {
        expr: 'max by (server_address) (mongodb_memory_usage_bytes{job="conclave-mongo",type="resident"})',
        legend: '{{server_address}}',
      },
    ]),
  ],
};

export const backends: Dashboard = {
  uid: 'conclave-backends',
  title: 'Conclave: broker and stores',
  about: 'What stands behind the gateways: Redis as broker, clocks and presence; the stores.',
  instances: 'several',
  rows: [broker, redis, clocks, stores, mongodb],
};
