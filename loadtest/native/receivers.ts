/** Child process: connections that only count what is delivered to them. */

import { bytesOf, loadSharedKeys, toRoomId } from '../wire/accounts.ts';
import { DeliveryTotals, FrameCounter } from '../wire/frame-counter.ts';
import { inTurns } from '../wire/in-turns.ts';
import { RawWebSocket, ReadBuffer } from '../wire/raw-web-socket.ts';
import { WireSession } from '../wire/wire-session.ts';
import { quantile } from './median.ts';
import {
  type Fields,
  isFields,
  listIn,
  numberIn,
  serveParent,
  tellParent,
  textIn,
} from './parent-and-child.ts';

const CONNECTS_AT_ONCE = 8;
/** Latency is measured on every so-manieth socket: first and last written to are among them. */
const SAMPLED_EVERY = 9;
const PROGRESS_MS = 4;

const buffer = new ReadBuffer();
const totals = new DeliveryTotals();

function counter(index: number, fields: Fields): FrameCounter {
  const sampled = index % SAMPLED_EVERY === 0;
  return new FrameCounter(totals, sampled ? numberIn(fields, 'stampBeforeEnd') : undefined);
}

function lost(): void {
  console.error('a receiver was disconnected');
  process.exit(1);
}

async function connectToBareLoop(fields: Fields): Promise<void> {
  for (let index = 0; index < numberIn(fields, 'count'); index += 1) {
    const socket = await RawWebSocket.open(textIn(fields, 'url'), buffer);
    socket.onClose = lost;
    socket.countWith(counter(index, fields));
  }
}

async function connectToGateway(fields: Fields): Promise<void> {
  const { keys } = await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'));
  const room = toRoomId(fields['room']);
  await inTurns(listIn(fields, 'tokens'), CONNECTS_AT_ONCE, async (token, index) => {
    const session = await WireSession.open(textIn(fields, 'url'), buffer);
    await session.resume(bytesOf(String(token)), keys);
    const { rooms } = await session.request('enter', { rooms: [room] });
    if (rooms[0]?.info === undefined) throw new Error(`enter: ${JSON.stringify(rooms)}`);
    session.socket.onClose = lost;
    session.socket.countWith(counter(index, fields));
  });
}

function taken(): Fields {
  const { deliveries, bytes, outOfOrder, latencies } = totals;
  totals.latencies = [];
  const share = (wanted: number): number => quantile(latencies, wanted);
  return {
    deliveries,
    bytes,
    outOfOrder,
    samples: latencies.length,
    ...(latencies.length > 0 && { p50: share(0.5), p99: share(0.99), worst: share(1) }),
  };
}

let progress: NodeJS.Timeout | undefined;

serveParent({
  connect: async (fields) => {
    if (isFields(fields) && fields['token'] === 'none') await connectToBareLoop(fields);
    else await connectToGateway(fields);
    return {};
  },
  /** Totals since the start, latencies since the last time. */
  take: taken,
  progress: ({ on }) => {
    clearInterval(progress);
    if (on === true) {
      progress = setInterval(() => tellParent({ deliveries: totals.deliveries }), PROGRESS_MS);
    }
    return {};
  },
});
