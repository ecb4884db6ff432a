import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { BSON } from 'mongodb';

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

export async function startCommandTap(target: {
  readonly host: string;
  readonly port: number;
}): Promise<CommandTap> {
  const seen = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    let rest: Buffer = Buffer.alloc(0);
    client.on('data', (bytes) => {
      rest = takeMessages(Buffer.concat([rest, bytes]), seen);
      upstream.write(bytes);
    });
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    address: `127.0.0.1:${address.port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
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
