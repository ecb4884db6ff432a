import { BSON } from 'mongodb';
import { type Target, TcpRelay } from '../support/tcp-relay.ts';

/** Stands between gateways and MongoDB and notes which commands they send to which database. */
export interface CommandTap extends AsyncDisposable {
  /** HOST:PORT */
  readonly address: string;
  /** `database.command` */
  readonly seen: ReadonlySet<string>;
}

const HEADER_BYTES = 16;
const OP_MSG = 2013;
/** After the header: four bytes of flags, then the kind of the first section, 0 for the command itself. */
const BODY_OFFSET = HEADER_BYTES + 4 + 1;

export async function startCommandTap(target: Target): Promise<CommandTap> {
  const seen = new Set<string>();
  const relay = await TcpRelay.start({
    target: () => target,
    carry: ({ client, server }) => {
      let rest: Buffer = Buffer.alloc(0);
      client.on('data', (bytes) => {
        rest = takeMessages(Buffer.concat([rest, bytes]), seen);
        server.write(bytes);
      });
      server.pipe(client);
    },
  });
  return {
    address: relay.address,
    seen,
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** Gives the bytes of a message that is not whole yet. */
function takeMessages(bytes: Buffer, seen: Set<string>): Buffer {
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const length = bytes.readInt32LE(at);
    if (bytes.length - at < length) break;
    if (bytes.readInt32LE(at + 12) === OP_MSG) {
      const start = at + BODY_OFFSET;
      const body = BSON.deserialize(bytes.subarray(start, start + bytes.readInt32LE(start)));
      seen.add(`${body['$db']}.${Object.keys(body)[0]}`);
    }
    at += length;
  }
  return bytes.subarray(at);
}
