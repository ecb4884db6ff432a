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

const health: Row = {
  title: 'Can people chat?',
  panels: [
    number(
      'Gateways ready',
      'short',
      'Gateways that accept new clients, as reported by /readyz. 0: nobody can connect.',
      `sum(job:conclave_ready:sum{${ofJob}})`,
      { yellow: 2, red: 1 },
    ),
    number(
      'Connections',
      'short',
      'Open connections of all gateways.',
      `sum(job:conclave_connections:sum{${ofJob}})`,
    ),
    number(
      'Users online',
      'short',
      'Users with a session anywhere, as the shared presence has it. Never more than sessions for long.',
      `max(conclave_online_users{${ofJob}})`,
    ),
    number(
      'Messages',
      'cps',
      'Messages accepted from clients, per second.',
      `sum(job:conclave_messages_accepted:rate1m{${ofJob}})`,
    ),
    number(
      'Deliveries',
      'cps',
      'Copies of messages handed to sessions, per second.',
      `sum(job:conclave_deliveries:rate1m{${ofJob}})`,
    ),
    number(
      'Delivery lag, p99',
      's',
      'Time from publishing a message on any gateway to its fan-out on another. Gateways whose clocks differ show it here.',
      `max(job:conclave_publish_to_delivery_seconds:p99_5m{${ofJob}})`,
      { yellow: 0.1, red: 0.25 },
    ),
    number(
      'Unavailable',
      'percentunit',
      'Share of the requests that ended in `unavailable`, because Redis or MongoDB did not answer in time.',
      `(sum(job_outcome:conclave_requests:rate5m{${ofJob}, outcome="unavailable"}) or vector(0)) / sum(job_outcome:conclave_requests:rate5m{${ofJob}})`,
      { yellow: 0.001, red: 0.02 },
    ),
    number(
      'Alerts',
      'short',
      'Alerts of Conclave that are firing. What to do: docs/operations.md.',
      'count(ALERTS{alertname=~"Conclave.+", severity!="none", alertstate="firing"}) or vector(0)',
      { yellow: 1, red: 3 },
    ),
  ],
};

const clients: Row = {
  title: 'Clients',
  panels: [
    stacked(
      'Connections by gateway',
      'short',
      'The balancer gives newcomers to the gateway with the fewest; old connections stay where they are.',
      { '{{instance}}': `conclave_connections{${chosen}}` },
    ),
    lines(
      'Connections opened and closed',
      'cps',
      'Closed by code: `normal` on purpose, `lost` without a word, `going_away` by a drain; the others are in PROTOCOL.md.',
      {
        opened: `sum(${rate(`conclave_connections_opened_total{${chosen}}`)})`,
        'closed: {{code}}': `sum by (code) (${rate(`conclave_connections_closed_total{${chosen}}`)})`,
      },
    ),
    lines(
      'Connections turned away',
      'cps',
      'By reason: `capacity` is a full gateway, the rates are limits, `version` and `origin` are other programs.',
      { '{{reason}}': `sum by (reason) (${rate(`conclave_connections_rejected_total{${chosen}}`)})` },
    ),
    lines(
      'Logins',
      'cps',
      'Logins with the key and resumes with a token, by outcome. After a restart there should be resumes, not logins.',
      { '{{way}}: {{outcome}}': `sum by (way, outcome) (${rate(`conclave_logins_total{${chosen}}`)})` },
    ),
    lines('Time to log in', 's', 'Duration of the step that opens a session, by way.', {
      '{{way}} p50': quantile(0.5, 'conclave_login_duration_seconds', chosen, ['way']),
      '{{way}} p99': quantile(0.99, 'conclave_login_duration_seconds', chosen, ['way']),
    }),
    lines(
      'Limits that were met',
      'cps',
      'Requests refused by a rate limit, by limit. A few are normal; a constant stream is one program that does not wait.',
      { '{{limit}}': `sum by (limit) (${rate(`conclave_rate_limited_total{${chosen}}`)})` },
    ),
  ],
};

const messages: Row = {
  title: 'Messages',
  panels: [
    lines(
      'Messages and deliveries',
      'cps',
      'Messages accepted from clients, and copies handed to sessions.',
      {
        messages: `sum(instance:conclave_messages_accepted:rate1m{${chosen}})`,
        deliveries: `sum(instance:conclave_deliveries:rate1m{${chosen}})`,
      },
    ),
    lines(
      'Delivery lag',
      's',
      'Time from publishing a message to its fan-out, over all gateways of the cluster.',
      {
        '{{job}} p50': `job:conclave_publish_to_delivery_seconds:p50_5m{${ofJob}}`,
        '{{job}} p99': `job:conclave_publish_to_delivery_seconds:p99_5m{${ofJob}}`,
      },
    ),
    lines('Bytes', 'Bps', 'Frame bytes received from clients and sent to them.', {
      in: `sum(${rate(`conclave_received_bytes_total{${chosen}}`)})`,
      out: `sum(${rate(`conclave_sent_bytes_total{${chosen}}`)})`,
    }),
    stacked('Requests by operation', 'cps', 'All requests, whatever their outcome.', {
      '{{operation}}': `sum by (operation) (${rate(`conclave_requests_total{${chosen}}`)})`,
    }),
    lines(
      'Refusals by code',
      'cps',
      'Refused requests. `unavailable` is a fault on this side; the others are up to the clients, see PROTOCOL.md.',
      { '{{outcome}}': `sum by (outcome) (${rate(`conclave_requests_total{${chosen}, outcome!="ok"}`)})` },
    ),
    lines('Time to answer, p99', 's', 'From request to answer, by operation. The deadline is 0.45 s.', {
      '{{operation}}': `job_operation:conclave_request_duration_seconds:p99_5m{${ofJob}}`,
    }),
  ],
};

const machines: Row = {
  title: 'Gateways',
  panels: [
    lines('CPU', 'percentunit', 'Of one core. A gateway serves its clients on one: near 100 % it is full.', {
      '{{instance}}': `instance:conclave_cpu_seconds:rate1m{${chosen}}`,
    }),
    lines('Memory', 'bytes', 'Resident memory of the process.', {
      '{{instance}}': `process_resident_memory_bytes{${chosen}}`,
    }),
    lines(
      'Event loop lag, p99',
      's',
      'How late timers are. About 0.05 s is the pause between two looks, not lag.',
      { '{{instance}}': `nodejs_eventloop_lag_p99_seconds{${chosen}}` },
    ),
    lines('Bytes waiting for slow clients', 'bytes', 'In the sockets of all clients of a gateway.', {
      '{{instance}}': `conclave_outbox_bytes{${chosen}}`,
    }),
    lines(
      'Slow clients cut',
      'cps',
      'Connections closed because more than CONCLAVE_OUTBOX_BYTES waited for them. They come back and read history.',
      { '{{instance}}': rate(`conclave_slow_consumers_total{${chosen}}`) },
    ),
    lines(
      'CPU per delivery',
      's',
      'All CPU of the gateways by all deliveries. It falls with the load: deliveries share writes.',
      { '{{job}}': `job:conclave_cpu_seconds_per_delivery:ratio1m{${ofJob}}` },
    ),
    lines(
      'Administrative actions',
      'short',
      'Administrative actions requested, by outcome. Whom they concern is recorded nowhere.',
      {
        '{{action}}: {{outcome}}': `sum by (action, outcome) (increase(conclave_admin_actions_total{${chosen}}[$__rate_interval]))`,
      },
    ),
  ],
};

const balancer: Row = {
  title: 'Load balancer',
  panels: [
    lines('Clients of the balancer', 'short', 'Connections from clients, and as many as it takes.', {
      '{{instance}}': 'haproxy_frontend_current_sessions{job="conclave-haproxy",proxy=~"clients|https"}',
      '{{instance}} limit': 'haproxy_frontend_limit_sessions{job="conclave-haproxy",proxy=~"clients|https"}',
    }),
    lines('Gateways in use', 'short', 'Gateways that the balancer gives new clients to.', {
      '{{instance}}':
        'haproxy_backend_active_servers{job="conclave-haproxy",proxy=~"gateways|.+_gateway_clients"}',
    }),
    lines(
      'Connections to the balancer',
      'cps',
      'New ones, and those refused for the limits of their address.',
      {
        '{{instance}} new': rate(
          'haproxy_frontend_connections_total{job="conclave-haproxy",proxy=~"clients|https"}',
        ),
        '{{instance}} refused': rate(
          'haproxy_frontend_denied_connections_total{job="conclave-haproxy",proxy=~"clients|https"}',
        ),
      },
    ),
  ],
};

export const overview: Dashboard = {
  uid: 'conclave-overview',
  title: 'Conclave: overview',
  about: 'The whole cluster on one page: can people chat, how many do, how fast it is.',
  instances: 'several',
  rows: [health, clients, messages, machines, balancer],
};
