import { BSON } from 'mongodb';
import { type Relayed, type Target, TcpRelay } from '../tcp-relay.ts';

/** Stands between gateways and MongoDB, notes which commands they send to which database, and may answer in its place. */
export interface CommandTap extends AsyncDisposable {
  /** HOST:PORT */
  readonly address: string;
  /** `database.command` */
  readonly seen: ReadonlySet<string>;
  /** From now on these commands get this reply and do not reach MongoDB. None: all reach it. */
  answer(commands: ReadonlySet<string>, reply?: BSON.Document): void;
}

const HEADER_BYTES = 16;
const OP_MSG = 2013;
/** After the header: four bytes of flags, then the kind of the first section, 0 for the command itself. */
const BODY_OFFSET = HEADER_BYTES + 4 + 1;

export async function startCommandTap(target: Target): Promise<CommandTap> {
  const seen = new Set<string>();
  let answered: ReadonlySet<string> = new Set();
  let answer: BSON.Document = {};
  const carry = ({ client, server }: Relayed): void => {
    let rest: Buffer = Buffer.alloc(0);
    client.on('data', (bytes) => {
      const messages = wholeMessages(Buffer.concat([rest, bytes]));
      rest = messages.rest;
      for (const message of messages.whole) {
        const { database, command } = commandOf(message);
        if (command !== undefined) seen.add(`${database}.${command}`);
        if (command !== undefined && answered.has(command)) client.write(replyTo(message, answer));
        else server.write(message);
      }
    });
    server.pipe(client);
  };
  const relay = await TcpRelay.start({ target: () => target, carry });
  return {
    address: relay.address,
    seen,
    answer: (commands, reply = {}) => {
      answered = commands;
      answer = reply;
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** `rest`: the bytes of a message that is not whole yet. */
function wholeMessages(bytes: Buffer): { readonly whole: readonly Buffer[]; readonly rest: Buffer } {
  const whole: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const length = bytes.readInt32LE(at);
    if (bytes.length - at < length) break;
    whole.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { whole, rest: bytes.subarray(at) };
}

function commandOf(message: Buffer): { readonly database?: unknown; readonly command?: string } {
  if (message.readInt32LE(12) !== OP_MSG) return {};
  const length = message.readInt32LE(BODY_OFFSET);
  const body = BSON.deserialize(message.subarray(BODY_OFFSET, BODY_OFFSET + length));
  const [command] = Object.keys(body);
  return command === undefined ? {} : { database: body['$db'], command };
}

function replyTo(message: Buffer, reply: BSON.Document): Buffer {
  const body = BSON.serialize(reply);
  const head = Buffer.alloc(BODY_OFFSET);
  head.writeInt32LE(BODY_OFFSET + body.length, 0);
  head.writeInt32LE(message.readInt32LE(4), 8);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}
