/** Child process: connections to any of the contestants, which only count what is delivered to them. */
import {
  type Fields,
  isFields,
  listIn,
  numberIn,
  serveParent,
  tellParent,
  textIn,
} from '../../loadtest/native/parent-and-child.ts';
import { bytesOf, loadSharedKeys, toRoomId } from '../../loadtest/wire/accounts.ts';
import { DeliveryTotals } from '../../loadtest/wire/frame-counter.ts';
import { inTurns } from '../../loadtest/wire/in-turns.ts';
import { RawWebSocket, ReadBuffer } from '../../loadtest/wire/raw-web-socket.ts';
import { WireSession } from '../../loadtest/wire/wire-session.ts';
import { type Dialect, dialectOf, parseDialectName } from './dialect.ts';
import { MessageCounter } from './message-counter.ts';

const CONNECTS_AT_ONCE = 8;
/** Latency is measured on every so-manieth socket: first and last written to are among them. */
const SAMPLED_EVERY = 9;

const buffer = new ReadBuffer();
const totals = new DeliveryTotals();

function dialectIn(fields: Fields): Dialect {
  const name = parseDialectName(fields['dialect']);
  if (name === undefined) throw new TypeError('not a dialect');
  return dialectOf(name, numberIn(fields, 'stampBeforeEnd'));
}

async function receive(socket: RawWebSocket, dialect: Dialect, index: number): Promise<void> {
  const counter = new MessageCounter(dialect, totals, index % SAMPLED_EVERY === 0);
  counter.onKeepAlive = (answer) => socket.sendFrame(answer);
  await new Promise<void>((resolve, reject) => {
    socket.onClose = () => reject(new Error('the server closed the connection'));
    socket.countWith(counter);
    counter.onWelcome = resolve;
    if (dialect.entering === undefined) resolve();
    else socket.sendFrame(dialect.entering);
  });
  socket.onClose = () => {
    console.error('a receiver was disconnected');
    process.exit(1);
  };
}

/** Connections which are members: with a `token` and a `room` each. */
async function connectMembers(fields: Fields): Promise<void> {
  const { keys } = await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'));
  await inTurns(listIn(fields, 'members'), CONNECTS_AT_ONCE, async (member, index) => {
    if (!isFields(member)) throw new TypeError('not a member');
    const session = await WireSession.open(textIn(fields, 'url'), buffer);
    await session.resume(bytesOf(textIn(member, 'token')), keys);
    const suite = fields['suite'] === 2 ? { suite: 2 } : {};
    const { rooms } = await session.request('enter', {
      rooms: [toRoomId(member['room'])],
      ...suite,
      batches: fields['batches'] === true,
    });
    if (rooms[0]?.info === undefined) throw new Error(`enter: ${JSON.stringify(rooms)}`);
    await receive(session.socket, dialectIn(fields), index);
  });
}

/** Connections of which nobody asks whose they are. */
async function connectAnyone(fields: Fields): Promise<void> {
  const all = Array.from({ length: numberIn(fields, 'count') }, (_, index) => index);
  await inTurns(all, CONNECTS_AT_ONCE, async (index) => {
    await receive(await RawWebSocket.open(textIn(fields, 'url'), buffer), dialectIn(fields), index);
  });
}

let progress: NodeJS.Timeout | undefined;

serveParent({
  connect: async (fields) => {
    await ('members' in fields ? connectMembers(fields) : connectAnyone(fields));
    return {};
  },
  /** Totals since the start, latencies since the last time. */
  take: () => {
    const { deliveries, bytes, outOfOrder } = totals;
    const latencies = totals.latencies.take();
    return {
      deliveries,
      bytes,
      outOfOrder,
      ...(latencies.count > 0 && { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99) }),
    };
  },
  /** `everyMs` 0: no more. */
  progress: (fields) => {
    clearInterval(progress);
    const everyMs = numberIn(fields, 'everyMs');
    if (everyMs > 0) progress = setInterval(() => tellParent({ deliveries: totals.deliveries }), everyMs);
    return {};
  },
});
