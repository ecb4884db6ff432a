import { type ParameterEntry, suiteParameter } from '../parameters.ts';

/** THE tables of the native tool's parameters, by what it does. */
export const deliverParameters = {
  rooms: { fallback: 1, min: 1, max: 10_000, meaning: 'Rooms.' },
  members: {
    fallback: 200,
    min: 2,
    max: 1_000,
    meaning: 'Members of each room. Each receives on its own connection, spread over all gateways.',
  },
  suite: suiteParameter,
  senders: {
    fallback: 4,
    min: 1,
    max: 1_000,
    meaning: 'Members of each room that send, on a second connection, in turns.',
  },
  'messages-per-second': {
    fallback: 100,
    min: 1,
    max: 1_000_000,
    meaning:
      'Messages per second in all rooms together, evenly spread, due at fixed times however late the answers arrive.',
  },
  'ciphertext-bytes': { fallback: 300, min: 80, max: 20_480, meaning: 'Bytes of ciphertext in a message.' },
  'retention-days': {
    fallback: 0,
    min: 0,
    max: 3_650,
    meaning: 'Retention of the rooms; 0 stores nothing, to keep the store out of the measurement.',
  },
  'warm-seconds': { fallback: 2, min: 0, max: 600, meaning: 'Seconds of sending before the measurement.' },
  seconds: { fallback: 10, min: 1, max: 86_400, meaning: 'Seconds of sending in the measurement.' },
  'max-accepted-p99-ms': {
    fallback: 1_000,
    min: 0,
    max: 600_000,
    meaning:
      'Threshold: from when a message was due to its answer. A message without an answer counts with the time until the end.',
  },
  'max-refused': {
    fallback: 0,
    min: 0,
    max: 1_000_000_000,
    meaning: 'Threshold: messages that were refused.',
  },
  'receiver-processes': { fallback: 2, min: 1, max: 64, meaning: 'Processes that receive.' },
} as const satisfies Record<string, ParameterEntry>;

export const reconnectParameters = {
  clients: {
    fallback: 1_000,
    min: 1,
    max: 1_000_000,
    meaning: 'Clients with an account and a connection each.',
  },
  members: {
    fallback: 50,
    min: 2,
    max: 1_000,
    meaning: 'Members of each room. Each client is in one room, which it enters again.',
  },
  suite: suiteParameter,
  'spread-seconds': {
    fallback: 10,
    min: 0,
    max: 3_600,
    meaning: 'Every client reconnects at a random moment within this many seconds (full jitter).',
  },
  'client-processes': { fallback: 2, min: 1, max: 64, meaning: 'Processes that run the clients.' },
  rounds: {
    fallback: 1,
    min: 1,
    max: 1_000,
    meaning: 'Number of times that all clients are cut off and reconnect.',
  },
} as const satisfies Record<string, ParameterEntry>;

export type DeliverParameters = Readonly<Record<keyof typeof deliverParameters, number>>;
export type ReconnectParameters = Readonly<Record<keyof typeof reconnectParameters, number>>;
