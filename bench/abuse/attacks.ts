import { connect } from 'node:net';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { binaryFrame, RawWebSocket, ReadBuffer } from '../../loadtest/wire/raw-web-socket.ts';
import { WireSession } from '../../loadtest/wire/wire-session.ts';
import { encodeRequest } from '../../src/protocol/client-codec.ts';
import type { RoomId, UserId } from '../../src/protocol/ids.ts';
import { INBOUND_FRAME_BYTES_MAX } from '../../src/protocol/limits.ts';
import { encode } from '../../src/protocol/message-pack.ts';
import { requests } from '../../src/protocol/requests.ts';
import type { KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { RawClient } from '../../test/support/raw-client.ts';

/** One hostile person: an account, an address of its own, and nothing to lose. */
export interface Villain {
  readonly url: string;
  readonly localAddress: string;
  readonly user: UserId;
  readonly token: Uint8Array;
  readonly person: KeyedPerson;
  /** Of which it is a member. */
  readonly room: RoomId;
  /** A connection is about to be opened. */
  readonly onOpen: () => void;
  readonly isOver: () => boolean;
  /** Closes each connection that waits for nothing but its end. */
  readonly open: Set<() => void>;
}

/** What the gateway has to do about it: the label of a close code or of a rejection in its metrics. */
type Answer =
  | { readonly closed: 'abuse' | 'login_timeout' | 'slow_consumer' }
  | { readonly rejected: 'address_pending' | 'address_rate' };

export interface Attack {
  readonly name: string;
  /** Connections that one villain holds at a time. */
  readonly each: number;
  readonly answer: Answer;
  /** One connection, from its opening to its end. It is opened again at once. */
  readonly live: (villain: Villain) => Promise<void>;
}

const AHEAD_BYTES_MAX = 512 * 1024;
const buffer = new ReadBuffer();

async function resumed(villain: Villain): Promise<{ session: WireSession; isClosed: () => boolean }> {
  villain.onOpen();
  const session = await WireSession.open(villain.url, buffer, { localAddress: villain.localAddress });
  let closed = false;
  const { onClose } = session.socket;
  session.socket.onClose = (code) => {
    closed = true;
    onClose(code);
  };
  await session.resume(villain.token, villain.person.keys);
  return { session, isClosed: () => closed };
}

/** As fast as the connection takes it, until it is closed. */
async function flood(villain: Villain, frames: Buffer): Promise<void> {
  const { session, isClosed } = await resumed(villain);
  while (!villain.isOver() && !isClosed()) {
    // A socket that was ended takes nothing, and has nothing waiting.
    for (let sent = 0; sent < AHEAD_BYTES_MAX; sent += frames.length) {
      if (session.socket.waitingBytes >= AHEAD_BYTES_MAX) break;
      session.socket.sendFrame(frames);
    }
    await turn();
  }
  session.socket.destroy();
}

/** Many in one write, so that the sender is not what is slow. */
function manyOf(count: number, payload: (id: number) => Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, id) => binaryFrame(payload(id))));
}

const undecodableSend = encode([requests.send.op, 1, new Uint8Array(80)]);
const refusedSends = manyOf(200, () => undecodableSend);

const widestMap = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`a-key-of-some-length-${i}`, i]));
const manyMaps = manyOf(1, () => encode([requests.send.op, 1, ...Array(400).fill(widestMap)]));

/** Empty pings, each masked with zeros. */
const pings = Buffer.concat(Array(10_000).fill(Buffer.from([0x89, 0x80, 0, 0, 0, 0])));

const half = 'GET /v1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: webs';
const notThere = 'GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A connection without TLS on which only this is said. */
async function said(text: string, { url, localAddress, onOpen, open }: Villain): Promise<void> {
  const { hostname: host, port } = new URL(url);
  onOpen();
  const socket = connect({ host, port: Number(port), localAddress });
  socket.on('error', () => undefined);
  socket.resume().write(text);
  await untilOver(
    open,
    () => socket.destroy(),
    (ended) => socket.once('close', ended),
  );
}

/** Until the connection is closed, or `end`, which closes it, is called because the attack is over. */
async function untilOver(
  open: Villain['open'],
  end: () => void,
  onClose: (ended: () => void) => unknown,
): Promise<void> {
  open.add(end);
  await new Promise<void>(onClose);
  open.delete(end);
}

const unfinished = binaryFrame(new Uint8Array(INBOUND_FRAME_BYTES_MAX)).subarray(0, -1);

async function unfinishedFrame({ url, localAddress, onOpen, open }: Villain): Promise<void> {
  onOpen();
  const socket = await RawWebSocket.open(url, buffer, localAddress);
  socket.sendFrame(unfinished);
  await untilOver(
    open,
    () => socket.destroy(),
    (ended) => {
      socket.onClose = ended;
    },
  );
}

/** Below the rate of requests, so that it is the outbox that ends it. */
const ASKS_PER_STEP = 4;
const STEP_MS = 100;
const ASLEEP_MS = 4_000;

async function slowReader(villain: Villain): Promise<void> {
  const { session, isClosed } = await resumed(villain);
  session.socket.pauseReading();
  const until = performance.now() + ASLEEP_MS;
  let id = 1_000;
  while (!villain.isOver() && !isClosed() && performance.now() < until) {
    for (let i = 0; i < ASKS_PER_STEP; i += 1) {
      id += 1;
      session.socket.sendFrame(binaryFrame(encodeRequest('members', id, { room: villain.room })));
    }
    await pause(STEP_MS);
  }
  session.socket.destroy();
}

/** In and out again; when logins are refused, it goes on asking until it is thrown out. */
async function loginsAndLogouts(villain: Villain): Promise<void> {
  villain.onOpen();
  const client = await RawClient.connect(villain.url, { localAddress: villain.localAddress });
  try {
    await client.hello();
    const reply = await client.login(villain.person);
    if (reply?.ok !== undefined) await client.logout(villain.person, false);
  } catch {
    for (let i = 0; i < 10; i += 1) void client.request('login', { username: villain.person.name });
    await Promise.race([client.closed, pause(1_000)]);
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

export const attacks: readonly Attack[] = [
  {
    name: 'refused sends',
    each: 1,
    answer: { closed: 'abuse' },
    live: (villain) => flood(villain, refusedSends),
  },
  {
    name: 'frames of 400 maps',
    each: 1,
    answer: { closed: 'abuse' },
    live: (villain) => flood(villain, manyMaps),
  },
  {
    name: 'members since 1',
    each: 1,
    answer: { closed: 'abuse' },
    live: (villain) => {
      const { room } = villain;
      return flood(
        villain,
        manyOf(100, (id) => encodeRequest('members', id, { room, since: 1 })),
      );
    },
  },
  { name: 'pings', each: 1, answer: { closed: 'abuse' }, live: (villain) => flood(villain, pings) },
  {
    name: 'half requests',
    each: 200,
    answer: { rejected: 'address_pending' },
    live: (villain) => said(half, villain),
  },
  {
    name: 'paths that are not there',
    each: 20,
    answer: { rejected: 'address_rate' },
    live: (villain) => said(notThere, villain),
  },
  { name: 'unfinished frames', each: 5, answer: { closed: 'login_timeout' }, live: unfinishedFrame },
  { name: 'slow readers', each: 1, answer: { closed: 'slow_consumer' }, live: slowReader },
  {
    name: 'logins and logouts',
    each: 2,
    answer: { closed: 'abuse' },
    live: loginsAndLogouts,
  },
];
