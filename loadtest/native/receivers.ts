/** Child process: connections that only count what is delivered to them. */

import { suiteField } from '../parameters.ts';
import { bytesOf, loadSharedKeys, toRoomId } from '../wire/accounts.ts';
import { DeliveryTotals, FrameCounter } from '../wire/frame-counter.ts';
import { inTurns } from '../wire/in-turns.ts';
import { ReadBuffer } from '../wire/raw-web-socket.ts';
import { WireSession } from '../wire/wire-session.ts';
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
  const sampled = fields['allSampled'] === true || index % SAMPLED_EVERY === 0;
  return new FrameCounter(totals, sampled ? numberIn(fields, 'stampBeforeEnd') : undefined);
}

function lost(): void {
  console.error('a receiver was disconnected');
  process.exit(1);
}

/** `members`: with `token`, `room` and, where they differ, `url` each. */
async function connectToGateway(fields: Fields): Promise<void> {
  const { keys } = await loadSharedKeys(textIn(fields, 'rsa'), textIn(fields, 'ed25519'));
  const localAddress = typeof fields['localAddress'] === 'string' ? fields['localAddress'] : undefined;
  await inTurns(listIn(fields, 'members'), CONNECTS_AT_ONCE, async (member, index) => {
    if (!isFields(member)) throw new TypeError('not a member');
    const url = textIn('url' in member ? member : fields, 'url');
    const session = await WireSession.open(url, buffer, { localAddress });
    await session.resume(bytesOf(textIn(member, 'token')), keys);
    const { rooms } = await session.request('enter', {
      rooms: [toRoomId(member['room'])],
      ...suiteField({ suite: numberIn(fields, 'suite') }),
    });
    if (rooms[0]?.info === undefined) throw new Error(`enter: ${JSON.stringify(rooms)}`);
    session.socket.onClose = lost;
    session.socket.countWith(counter(index, fields));
  });
}

function taken(): Fields {
  const { deliveries, bytes, outOfOrder, duplicates, overtaken } = totals;
  const latencies = totals.latencies.take();
  return {
    deliveries,
    bytes,
    outOfOrder,
    duplicates,
    overtaken,
    samples: latencies.count,
    ...(latencies.count > 0 && {
      p50: latencies.quantile(0.5),
      p99: latencies.quantile(0.99),
      worst: latencies.most,
      latencies: latencies.toText(),
    }),
  };
}

let progress: NodeJS.Timeout | undefined;

serveParent({
  connect: async (fields) => {
    await connectToGateway(fields);
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
