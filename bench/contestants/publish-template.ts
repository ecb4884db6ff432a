import { type Fields, isFields, listIn, numberIn, textIn } from '../../loadtest/native/parent-and-child.ts';
import { monotonicMicros } from '../../loadtest/native/process-accounting.ts';

/** What differs from message to message, and where it lies. */
export interface Place {
  readonly at: number;
  /** `stamp`: now, in µs of the machine's monotonic clock; `clock`: now, in ms since 1970. */
  readonly holds: 'number' | 'stamp' | 'clock';
  readonly as: 'uint32' | 'double' | 'digits';
  readonly digits?: number;
}

/** The Redis command that publishes a message, to be sent again and again as other messages. */
export interface PublishTemplate {
  readonly command: Buffer;
  readonly places: readonly Place[];
}

/** `places` are those in `message`. */
export function publishTemplate(
  channel: string,
  message: Uint8Array,
  places: readonly Place[],
): PublishTemplate {
  const head = Buffer.from(
    `*3\r\n$7\r\nPUBLISH\r\n$${Buffer.byteLength(channel)}\r\n${channel}\r\n$${message.length}\r\n`,
  );
  return {
    command: Buffer.concat([head, message, Buffer.from('\r\n')]),
    places: places.map((place) => ({ ...place, at: head.length + place.at })),
  };
}

/** Makes it the command of message `number`, sent now. */
export function fillTemplate({ command, places }: PublishTemplate, number: number): void {
  for (const { at, holds, as, digits = 0 } of places) {
    const value = holds === 'number' ? number : holds === 'stamp' ? monotonicMicros() : Date.now();
    if (as === 'uint32') command.writeUInt32BE(value, at);
    else if (as === 'double') command.writeDoubleBE(value, at);
    else command.write(String(value).padStart(digits, '0'), at, 'latin1');
  }
}

/** For another process. */
export function templateFields({ command, places }: PublishTemplate): Fields {
  return { command: command.toString('base64'), places };
}

export function templateIn(fields: Fields): PublishTemplate {
  return {
    command: Buffer.from(textIn(fields, 'command'), 'base64'),
    places: listIn(fields, 'places').map(placeOf),
  };
}

function placeOf(value: unknown): Place {
  if (!isFields(value)) throw new TypeError('not a place');
  const { holds, as } = value;
  if (holds !== 'number' && holds !== 'stamp' && holds !== 'clock')
    throw new TypeError(`holds ${String(holds)}`);
  if (as !== 'uint32' && as !== 'double' && as !== 'digits') throw new TypeError(`as ${String(as)}`);
  return {
    at: numberIn(value, 'at'),
    holds,
    as,
    ...(as === 'digits' && { digits: numberIn(value, 'digits') }),
  };
}
