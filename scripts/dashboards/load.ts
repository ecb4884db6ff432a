import {
  chosen,
  type Dashboard,
  lines,
  number,
  ofJob,
  type Panel,
  quantile,
  type Row,
  rate,
} from './dashboard.ts';

/** k6 writes the quantiles of a trend as gauges, in seconds, anew with each push. */
function trend(title: string, metric: string, about: string): Panel {
  const of = (stat: string): string => `max(k6_conclave_${metric}_${stat})`;
  return lines(title, 's', about, { p50: of('p50'), p95: of('p95'), p99: of('p99'), most: of('max') });
}

const count = (metric: string): string => `sum(k6_conclave_${metric}_total)`;
const perSecond = (metric: string): string => `sum(${rate(`k6_conclave_${metric}_total`)})`;

const outcome: Row = {
  title: 'Outcome so far',
  panels: [
    number('Members', 'short', 'People that k6 plays, all with a connection.', 'sum(k6_conclave_members)'),
    number(
      'Accepted',
      'cps',
      'Messages that the gateways acknowledged to k6.',
      perSecond('messages_accepted'),
    ),
    number('Deliveries', 'cps', 'Copies that members of k6 read live.', perSecond('deliveries')),
    number(
      'Lost',
      'short',
      'Acknowledged messages that a member got neither live nor from history. There must be none.',
      count('lost'),
      { yellow: 1, red: 1 },
    ),
    number('Duplicates', 'short', 'Messages at two positions. There must be none.', count('duplicates'), {
      yellow: 1,
      red: 1,
    }),
    number(
      'Failed',
      'short',
      'Connections and sends that failed for good, after all attempts.',
      count('failed'),
      { yellow: 1, red: 1 },
    ),
  ],
};

const clients: Row = {
  title: 'What clients see',
  panels: [
    trend(
      'Position given → read',
      'delivery',
      "From the message's position, by the server's clock, to the receiver's read, by k6's.",
    ),
    trend(
      'Message due → own copy',
      'echo',
      'From when a message was due, however late it left, to its sender reading it. One clock.',
    ),
    trend('Message due → accepted', 'acknowledged', 'From when a message was due to the answer.'),
    trend('Connecting', 'connecting', 'From dialling to the reply to hello.'),
    trend('Login', 'login', 'From the name to an open session, with the key operation of the client.'),
    trend(
      'Connection lost → entered again',
      'reconnecting',
      'The random pause before the first attempt included.',
    ),
    lines(
      'Messages',
      'cps',
      'Due by the timetable, and accepted. When they part, the cluster or k6 is behind.',
      { due: perSecond('messages_due'), accepted: perSecond('messages_accepted') },
    ),
    lines('Copies', 'cps', 'Read live, and fetched from history after a connection was lost.', {
      live: perSecond('deliveries'),
      'from history': perSecond('caught_up'),
      'repeated, dropped by clients': perSecond('repeats'),
      overtaken: perSecond('reordered'),
    }),
    lines('Connections closed', 'cps', 'By close code; 1000 is on purpose.', {
      '{{code}}': `sum by (code) (${rate('k6_conclave_closes_total')})`,
    }),
    lines('Sends refused', 'cps', 'By code; they are sent again when that can help.', {
      '{{code}}': `sum by (code) (${rate('k6_conclave_refusals_total')})`,
    }),
    lines('Resyncs', 'cps', 'A gateway told that something may have been missed.', {
      resyncs: perSecond('resyncs'),
    }),
  ],
};

const cpu = rate(`process_cpu_seconds_total{${chosen}}`);

const gateways: Row = {
  title: 'What the gateways do meanwhile',
  panels: [
    lines('Connections', 'short', 'By gateway.', { '{{instance}}': `conclave_connections{${chosen}}` }),
    lines('Deliveries', 'cps', 'Copies handed to sessions, by gateway.', {
      '{{instance}}': rate(`conclave_deliveries_total{${chosen}}`),
    }),
    lines(
      'CPU',
      'percentunit',
      'Of one core, by gateway. Its one thread that serves clients is full at 100 %.',
      { '{{instance}}': cpu },
    ),
    lines('CPU by delivery', 's', 'All CPU of the chosen gateways, whatever it went into, by delivery.', {
      'CPU by delivery': `sum(${cpu}) / sum(${rate(`conclave_deliveries_total{${chosen}}`)})`,
    }),
    lines('Publish → fan-out', 's', 'Time from publishing a message on any gateway to its fan-out.', {
      p50: quantile(0.5, 'conclave_publish_to_delivery_seconds', chosen),
      p99: quantile(0.99, 'conclave_publish_to_delivery_seconds', chosen),
    }),
    lines('Event-loop lag, p99', 's', 'How late timers were. Above 0.15 the gateway is overloaded.', {
      '{{instance}}': `nodejs_eventloop_lag_p99_seconds{${chosen}}`,
    }),
    lines('Logins and resumes', 'cps', 'By way and outcome.', {
      '{{way}} {{outcome}}': `sum by (way, outcome) (${rate(`conclave_logins_total{${chosen}}`)})`,
    }),
    lines('Bytes waiting for slow clients', 'bytes', 'In the sockets of all clients of a gateway.', {
      '{{instance}}': `conclave_outbox_bytes{${chosen}}`,
    }),
    lines('Slow consumers', 'cps', 'Connections closed because too many bytes waited for them.', {
      '{{instance}}': rate(`conclave_slow_consumers_total{${chosen}}`),
    }),
    lines('Memory', 'bytes', 'Resident, by gateway.', {
      '{{instance}}': `process_resident_memory_bytes{${chosen}}`,
    }),
    lines('Duration of a store operation, p99', 's', 'By operation.', {
      '{{operation}}': `job_operation:conclave_store_operation_duration_seconds:p99_5m{${ofJob}}`,
    }),
  ],
};

export const load: Dashboard = {
  uid: 'conclave-load',
  title: 'Conclave: load test',
  about:
    'A load by k6 (npm run loadtest, with remote write) from both sides: what clients see, what gateways do.',
  instances: 'several',
  rows: [outcome, clients, gateways],
};
