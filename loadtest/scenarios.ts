import type { Parameters } from './parameters.ts';

/** A scenario is one and the same load with other parameters: who comes, how often they talk, and what disturbs them. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** What differs from the table of parameters. */
  readonly defaults: Partial<Parameters>;
}

const HOUR_SECONDS = 3_600;

/** THE table of scenarios. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'smoke',
    about: 'A few people in two rooms for ten seconds: does everything work at all?',
    defaults: { rooms: 2, members: 3, seconds: 10, 'connects-per-second': 10 },
  },
  {
    name: 'connect-ramp',
    about:
      'Connections arrive at a steady pace until all are open, and hardly anybody talks: connecting, logging in, entering.',
    defaults: {
      rooms: 20,
      members: 20,
      senders: 1,
      'messages-per-second': 1,
      'connects-per-second': 20,
      seconds: 10,
    },
  },
  {
    name: 'steady-rooms',
    about: 'Many rooms of typical size with steady talk: everyday latency.',
    defaults: { rooms: 20, members: 10, 'messages-per-second': 1, seconds: 60 },
  },
  {
    name: 'hot-room',
    about: 'One large room where many listen to a few.',
    defaults: {
      rooms: 1,
      members: 200,
      senders: 4,
      'messages-per-second': 5,
      workers: 1,
      seconds: 30,
      'connects-per-second': 20,
    },
  },
  {
    name: 'reconnect-storm',
    about: 'All connections are cut at the same moment, repeatedly, while people talk.',
    defaults: {
      rooms: 20,
      members: 10,
      'messages-per-second': 1,
      seconds: 60,
      'cut-every-seconds': 20,
      // A message that is due while its sender is away waits for it.
      'max-accepted-p99-ms': 10_000,
      'max-echo-p99-ms': 10_000,
    },
  },
  {
    name: 'slow-consumers',
    about:
      'Some members read far more slowly than the gateway writes: they are cut off, and nobody else notices.',
    defaults: {
      rooms: 1,
      members: 8,
      senders: 2,
      'slow-members': 2,
      'messages-per-second': 20,
      'text-bytes': 16_000,
      seconds: 45,
      workers: 1,
    },
  },
  {
    name: 'rolling-drain',
    about: 'All gateways are replaced one by one while people talk (with --url, you replace them).',
    defaults: {
      rooms: 20,
      members: 10,
      'messages-per-second': 1,
      seconds: 90,
      'roll-after-seconds': 20,
      'max-delivery-p99-ms': 2_000,
      // A message that is due while its sender moves to another gateway waits for it.
      'max-accepted-p99-ms': 10_000,
      'max-echo-p99-ms': 10_000,
    },
  },
  {
    name: 'files',
    about:
      'Files of a megabyte go up and come down in every room, two a second in all, while everybody talks.',
    defaults: {
      rooms: 10,
      members: 5,
      'messages-per-second': 1,
      'files-per-minute': 12,
      seconds: 60,
      'settle-seconds': 60,
    },
  },
  {
    name: 'soak',
    about: 'Steady talk for an hour: does anything grow, leak, or slow down?',
    defaults: { rooms: 10, members: 5, 'messages-per-second': 1, seconds: HOUR_SECONDS },
  },
];
