/** THE table of load parameters. The command line, its help, the documentation and the k6 scripts come from it. */

export interface ParameterEntry {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

/** Of the rooms of a run. */
export const suiteParameter = {
  fallback: 1,
  min: 1,
  max: 2,
  meaning: 'Suite of the rooms. In suite 2, all messages of a room are sealed under one epoch.',
} as const satisfies ParameterEntry;

/** What a request says of the suite that its client knows: nothing of the first, as gateways of any release understand it. */
export function suiteField({ suite }: { readonly suite: number }): { readonly suite?: 2 } {
  return suite === 2 ? { suite } : {};
}

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

const table = {
  rooms: { fallback: 4, min: 1, max: 10_000, meaning: 'Rooms to create and talk in.' },
  members: { fallback: 5, min: 2, max: 1_000, meaning: 'Members of each room, each with one connection.' },
  suite: suiteParameter,
  senders: { fallback: 2, min: 1, max: 1_000, meaning: 'Members of each room that send, in turns.' },
  'messages-per-second': {
    fallback: 2,
    min: 0,
    max: 10_000,
    meaning:
      'Messages per second in each room. They are due at fixed times, however late the answers arrive.',
  },
  'text-bytes': { fallback: 100, min: 1, max: 16_384, meaning: 'Bytes of text in a message.' },
  'files-per-minute': {
    fallback: 0,
    min: 0,
    max: 10_000,
    meaning:
      'Files per minute in each room. One member stores each at its fixed time, and the next member fetches it and compares all bytes.',
  },
  'file-bytes': {
    fallback: 1_000_000,
    min: 0,
    max: 1_000_000_000,
    meaning: 'Bytes of a file, before padding and encryption.',
  },
  seconds: {
    fallback: 30,
    min: 1,
    max: 7 * DAY_SECONDS,
    meaning: 'Seconds of sending, after everybody has entered.',
  },
  'connects-per-second': {
    fallback: 20,
    min: 1,
    max: 10_000,
    meaning: 'New connections per second while everybody connects.',
  },
  'retention-days': {
    fallback: 1,
    min: 0,
    max: 3_650,
    meaning:
      'Retention of the rooms. 0 stores nothing: messages that a member misses while disconnected then do not count as lost.',
  },
  workers: {
    fallback: 2,
    min: 1,
    max: 1_000,
    meaning: 'Threads of k6 (virtual users). All members of a room are on the same one.',
  },
  'cut-every-seconds': {
    fallback: 0,
    min: 0,
    max: DAY_SECONDS,
    meaning: 'Seconds between two cuts of connections by the clients; 0: none.',
  },
  'cut-percent': { fallback: 100, min: 1, max: 100, meaning: 'Percentage of connections to cut.' },
  'spread-ms': {
    fallback: 3_000,
    min: 1,
    max: 600_000,
    meaning: 'A member that lost its connection reconnects after a random time up to this (full jitter).',
  },
  'slow-members': {
    fallback: 0,
    min: 0,
    max: 999,
    meaning: 'Members of each room that read slowly. They are the last members of the room and never send.',
  },
  'slow-bytes-per-second': {
    fallback: 20_000,
    min: 1,
    max: 100_000_000,
    meaning: 'Bytes per second that a slow member reads.',
  },
  'roll-after-seconds': {
    fallback: 0,
    min: 0,
    max: DAY_SECONDS,
    meaning:
      'Seconds after the start of k6 at which all gateways of the started cluster are replaced one by one; 0: never.',
  },
  'settle-seconds': {
    fallback: 15,
    min: 1,
    max: 600,
    meaning: 'Seconds after the last message within which everything must have arrived.',
  },
  'key-pairs': {
    fallback: 4,
    min: 1,
    max: 100,
    meaning: 'Key pairs that the accounts share, kept in .cache/loadtest/keys.json.',
  },
  'max-connect-p95-ms': {
    fallback: 1_000,
    min: 0,
    max: 600_000,
    meaning: 'Threshold: connecting, up to the reply to hello.',
  },
  'max-login-p95-ms': {
    fallback: 1_000,
    min: 0,
    max: 600_000,
    meaning: 'Threshold: from the name to an open session.',
  },
  'max-accepted-p99-ms': {
    fallback: 1_000,
    min: 0,
    max: 600_000,
    meaning:
      'Threshold: from when a message was due to its answer. A message that was never accepted counts with the time until the end.',
  },
  'max-echo-p99-ms': {
    fallback: 1_000,
    min: 0,
    max: 600_000,
    meaning:
      "Threshold: from when a message was due to its sender's own copy. A copy that never arrived counts with the time until the end.",
  },
  'max-delivery-p99-ms': {
    fallback: 500,
    min: 0,
    max: 600_000,
    meaning: "Threshold: from the time the server assigned the position to the receiver's read.",
  },
  'max-file-p99-ms': {
    fallback: 10_000,
    min: 0,
    max: 600_000,
    meaning:
      'Threshold: from when a file was due until another member has all of it. A file that never arrived counts with the time until the end.',
  },
  'max-reconnect-p95-ms': {
    fallback: 10_000,
    min: 0,
    max: 600_000,
    meaning:
      'Threshold: from the loss of a connection until its rooms are entered again, including the random pause.',
  },
  'max-lost': {
    fallback: 0,
    min: 0,
    max: 1_000_000_000,
    meaning: 'Threshold: acknowledged messages that a member received neither live nor from history.',
  },
  'max-duplicates': {
    fallback: 0,
    min: 0,
    max: 1_000_000_000,
    meaning: 'Threshold: messages at two positions.',
  },
  'max-failed': {
    fallback: 0,
    min: 0,
    max: 1_000_000_000,
    meaning:
      'Threshold: sends that were never accepted, files that never arrived, and members that never connected, were rejected for good, or are not back at the end.',
  },
} as const satisfies Record<string, ParameterEntry>;

export type ParameterName = keyof typeof table;
export type Parameters = Readonly<Record<ParameterName, number>>;

export const parameterTable: Readonly<Record<ParameterName, ParameterEntry>> = table;
export const parameterNames: readonly ParameterName[] = Object.keys(table) as ParameterName[];

export type ParsedParameters<Name extends string = ParameterName> =
  | { readonly ok: true; readonly parameters: Readonly<Record<Name, number>> }
  | { readonly ok: false; readonly problem: string };

/** `given` wins over `defaults`, and both over the table. Never throws. */
export function parseParameters(
  given: Readonly<Partial<Record<ParameterName, string>>>,
  defaults: Partial<Parameters>,
): ParsedParameters {
  const read = readParameters(parameterTable, given, defaults);
  const problem = read.ok ? contradiction(read.parameters) : undefined;
  return problem === undefined ? read : { ok: false, problem };
}

/** The same for any table of parameters. */
export function readParameters<Name extends string>(
  entries: Readonly<Record<Name, ParameterEntry>>,
  given: Readonly<Partial<Record<Name, string>>>,
  defaults: Readonly<Partial<Record<Name, number>>>,
): ParsedParameters<Name> {
  const parameters = {} as Record<Name, number>;
  for (const name of Object.keys(entries) as Name[]) {
    const { fallback, min, max } = entries[name];
    const text = given[name];
    const value = text === undefined ? (defaults[name] ?? fallback) : wholeNumber(text);
    if (value === undefined || value < min || value > max)
      return { ok: false, problem: `--${name} must be a whole number from ${min} to ${max}` };
    parameters[name] = value;
  }
  return { ok: true, parameters };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function contradiction(parameters: Parameters): string | undefined {
  const { members, senders, rooms, workers } = parameters;
  if (senders + parameters['slow-members'] > members)
    return '--senders and --slow-members together must not exceed --members';
  if (parameters['files-per-minute'] > 0 && parameters['retention-days'] === 0)
    return '--files-per-minute needs rooms that store: --retention-days must be at least 1';
  if (workers > rooms) return '--workers must not exceed --rooms: a room is on one worker';
  return undefined;
}
