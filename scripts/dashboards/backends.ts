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
      { '{{instance}}': `conclave_broker_up{${chosen}}` },
    ),
    lines(
      'Probe and back',
      's',
      'A gateway sends itself a message every 2 s over the ordinary way; 5 s without one, and it reconnects.',
      {
        '{{instance}} p50': quantile(0.5, 'conclave_broker_probe_seconds', chosen, ['instance']),
        '{{instance}} p99': quantile(0.99, 'conclave_broker_probe_seconds', chosen, ['instance']),
      },
    ),
    lines(
      'Reconnects',
      'cps',
      'Reconnects, and connections that looked alive but received nothing and were replaced.',
      {
        '{{instance}} reconnected': rate(`conclave_broker_reconnects_total{${chosen}}`),
        '{{instance}} starved': rate(`conclave_broker_starved_total{${chosen}}`),
      },
    ),
    lines('Channels', 'short', 'Channels that a gateway listens to: its rooms and a few of its own.', {
      '{{instance}}': `conclave_broker_subscriptions{${chosen}}`,
    }),
    lines(
      'Gaps',
      'cps',
      'Channels on which messages may have been missed; clients were told to read history.',
      { '{{instance}}': rate(`conclave_broker_gaps_total{${chosen}}`) },
    ),
    lines('Repeated publishes', 'cps', 'Publishes of stored messages retried in the background.', {
      '{{instance}}': rate(`conclave_publish_retries_total{${chosen}}`),
    }),
    lines(
      'Errors of backing services',
      'cps',
      'Operations and connections that failed at Redis, MongoDB or the embedded store, by reason. Of Redis, the first word of its refusal.',
      {
        '{{backend}} {{reason}}': `sum by (backend, reason) (${rate(`conclave_backend_errors_total{${chosen}}`)})`,
      },
    ),
    lines(
      'Free disk of the store',
      'bytes',
      "Of the embedded store, which refuses writes at CONCLAVE_DISK_RESERVE_BYTES, or of MongoDB's primary.",
      { '{{instance}}': `conclave_store_free_bytes{${chosen}}` },
    ),
  ],
};

const redis: Row = {
  title: 'Redis',
  panels: [
    lines('Memory', 'bytes', 'Used, and the limit. Nothing is evicted: full means that writes are refused.', {
      '{{instance}} used': 'redis_memory_used_bytes{job="conclave-redis"}',
      '{{instance}} limit': 'redis_memory_max_bytes{job="conclave-redis"}',
    }),
    lines(
      'Longest output buffer',
      'bytes',
      'Of any client of late. A gateway that reads too slowly is cut at the limit for pubsub in deploy/redis.',
      { '{{instance}}': 'redis_client_recent_max_output_buffer_bytes{job="conclave-redis"}' },
    ),
    lines('Clients and channels', 'short', 'Connections to Redis, and channels with a subscriber.', {
      '{{instance}} clients': 'redis_connected_clients{job="conclave-redis"}',
      '{{instance}} channels': 'redis_pubsub_channels{job="conclave-redis"}',
    }),
    lines('Commands', 'cps', 'Commands done, and those that failed.', {
      '{{instance}} done': rate('redis_commands_processed_total{job="conclave-redis"}'),
      '{{instance}} failed': rate('redis_total_error_replies{job="conclave-redis"}'),
    }),
    lines(
      'Network',
      'Bps',
      'A message goes in once, and out once for each gateway with someone in its room.',
      {
        '{{instance}} in': rate('redis_net_input_bytes_total{job="conclave-redis"}'),
        '{{instance}} out': rate('redis_net_output_bytes_total{job="conclave-redis"}'),
      },
    ),
    lines(
      'CPU',
      'percentunit',
      'Of one core. Redis works on one: near 100 % it is time for a Redis Cluster.',
      {
        '{{instance}}': `${rate('redis_cpu_user_seconds_total{job="conclave-redis"}')} + ${rate('redis_cpu_sys_seconds_total{job="conclave-redis"}')}`,
      },
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
      {
        'online, says {{instance}}': `conclave_online_users{${chosen}}`,
        sessions: `job:conclave_sessions:sum{${ofJob}}`,
      },
    ),
    lines('Presence steps', 'cps', 'Changes of who is where, by operation.', {
      '{{operation}}': `sum by (operation) (${rate(`conclave_presence_operations_total{${chosen}}`)})`,
    }),
    lines(
      'Leases',
      'cps',
      'Reaped: dead gateways whose presence was removed. Lost: a gateway that was paused for longer than its lease.',
      {
        'reaped by {{instance}}': rate(`conclave_presence_reaped_total{${chosen}}`),
        'lost by {{instance}}': rate(`conclave_presence_leases_lost_total{${chosen}}`),
      },
    ),
    lines(
      'Sequencers rebuilt',
      'cps',
      'Room sequencers that Redis had lost, rebuilt from the record; many at once are a restart of Redis.',
      { '{{instance}}': rate(`conclave_clock_rebuilds_total{${chosen}}`) },
    ),
    lines(
      'Void positions',
      'cps',
      'Positions settled as empty, because their message never arrived at the store.',
      { '{{instance}}': rate(`conclave_void_positions_total{${chosen}}`) },
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
    stacked('Operations', 'cps', 'By operation.', {
      '{{operation}}': `sum by (operation) (${rate(`conclave_store_operations_total{${chosen}}`)})`,
    }),
    lines('Outcomes', 'cps', '`unavailable`: no answer in time, or none at all.', {
      '{{outcome}}': `sum by (outcome) (${rate(`conclave_store_operations_total{${chosen}}`)})`,
    }),
    lines('Time of an operation, p50', 's', 'By operation, on all gateways chosen.', {
      '{{operation}}': quantile(0.5, 'conclave_store_operation_duration_seconds', chosen, ['operation']),
    }),
    lines('Time of an operation, p99', 's', 'By operation, on all gateways of the cluster.', {
      '{{operation}}': `job_operation:conclave_store_operation_duration_seconds:p99_5m{${ofJob}}`,
    }),
    lines('Messages per write', 'short', 'Half of the writes, and nearly all, store no more than this.', {
      p50: quantile(0.5, 'conclave_append_batch_messages', chosen),
      p99: quantile(0.99, 'conclave_append_batch_messages', chosen),
    }),
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
      { '{{server_address}} {{operation}}': rate('mongodb_operation_count_total{job="conclave-mongo"}') },
    ),
    lines('Connections', 'short', 'Those that are open, and how many more it takes.', {
      '{{server_address}} {{type}}':
        'max by (server_address, type) (mongodb_connection_count{job="conclave-mongo",type=~"current|available"})',
    }),
    lines('Network', 'Bps', 'From and to the gateways and the other members of the set.', {
      '{{server_address}} in': rate('mongodb_network_io_receive_bytes{job="conclave-mongo"}'),
      '{{server_address}} out': rate('mongodb_network_io_transmit_bytes{job="conclave-mongo"}'),
    }),
    lines(
      'Documents',
      'short',
      'In each database. They grow with people and rooms; stored messages level off when new ones come as fast as old ones expire.',
      {
        '{{server_address}} {{database}}':
          'max by (server_address, database) (mongodb_object_count{job="conclave-mongo"})',
      },
    ),
    lines(
      'Size',
      'bytes',
      'Of all databases: the documents as they are, on disk, where they are compressed, and their indexes.',
      {
        '{{server_address}} documents':
          'sum by (server_address) (mongodb_data_size_bytes{job="conclave-mongo"})',
        '{{server_address}} documents on disk':
          'sum by (server_address) (mongodb_storage_size_bytes_total{job="conclave-mongo"})',
        '{{server_address}} indexes':
          'sum by (server_address) (mongodb_index_size_bytes{job="conclave-mongo"})',
      },
    ),
    lines('Memory', 'bytes', 'Resident, its cache included. Near the limit of its container, it is killed.', {
      '{{server_address}}':
        'max by (server_address) (mongodb_memory_usage_bytes{job="conclave-mongo",type="resident"})',
    }),
  ],
};

export const backends: Dashboard = {
  uid: 'conclave-backends',
  title: 'Conclave: broker and stores',
  about: 'What stands behind the gateways: Redis as broker, clocks and presence; the stores.',
  instances: 'several',
  rows: [broker, redis, clocks, stores, mongodb],
};
