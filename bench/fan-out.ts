/**
 * npx tsx bench/fan-out.ts --help
 * CPU time of this process per delivery, without Redis between. The bare loops are measured in the same run, since only
 * ratios mean something on a shared machine.
 */
import { App, us_socket_local_port, type WebSocket } from 'uWebSockets.js';
import { fork } from 'node:child_process';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeRoomEnvelope } from '../src/domain/envelope.ts';
import type { ConnectionAcceptor, Socket } from '../src/gateway/socket.ts';
import { type SocketHolder, UwsSocket } from '../src/transport/websocket-server.ts';
import {
  bareSender,
  benchPayload,
  benchUsers,
  corkedSender,
  gatewaySender,
  type Sender,
} from './fan-out-senders.ts';

const usage = `Measures CPU per delivery of the gateway's fan-out, and of bare loops that do the same, in one process.
One room of 200 members, all on this node. Smooth: one message at a time, evenly spread; burst: all of 20 ms at once.
  --seconds N   of each figure (2)`;

const { values } = parseArgs({
  options: { help: { type: 'boolean', default: false }, seconds: { type: 'string', default: '2' } },
});

const MEMBERS = 200;
const BURST_MS = 20;
const BUFFERED_MAX = 256 * 1024;
const SECONDS = Number(values.seconds);

interface Figure {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

async function measure(
  sender: Sender,
  perSecond: number,
  isBurst: boolean,
  isBehind: () => boolean,
): Promise<Figure> {
  const payload = benchPayload(benchUsers(MEMBERS), 1);
  const envelope = decodeRoomEnvelope(payload);
  if (envelope?.kind !== 'deliver') throw new Error('not a delivery');
  const cpu = process.cpuUsage();
  const startedAtMs = performance.now();
  const untilMs = startedAtMs + SECONDS * 1_000;
  let messages = 0;
  for (let now = startedAtMs; now < untilMs; now = performance.now()) {
    const due = ((now - startedAtMs) / 1_000) * (perSecond / MEMBERS);
    if (isBehind()) {
      await delay(1);
    } else if (isBurst) {
      const size =
        perSecond === Number.POSITIVE_INFINITY ? 64 : Math.round((perSecond / MEMBERS) * (BURST_MS / 1_000));
      for (let i = 0; i < size; i += 1) sender.send(payload, envelope);
      messages += size;
      if (perSecond === Number.POSITIVE_INFINITY) await nextTurn();
      else
        await delay(
          Math.max(0, startedAtMs + (messages / (perSecond / MEMBERS)) * 1_000 - performance.now()),
        );
    } else if (due > messages) {
      sender.send(payload, envelope);
      messages += 1;
      await nextTurn();
    } else {
      await delay(0);
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await delay(300);
  return { perSecond: (messages * MEMBERS) / seconds, cpuMicros: (user + system) / (messages * MEMBERS) };
}

async function openSockets(): Promise<{
  natives: WebSocket<unknown>[];
  sockets: Socket[];
  close: () => void;
}> {
  const natives: WebSocket<unknown>[] = [];
  const sockets: Socket[] = [];
  const silent = { binary() {}, text() {}, heard() {}, drained() {}, closed() {} };
  const acceptor: ConnectionAcceptor = {
    accepted: () => true,
    settled: () => undefined,
    gone: () => undefined,
    admit: () => ({ admitted: true }),
    opened: () => silent,
  };
  const app = App().ws<SocketHolder>('/v1', {
    maxBackpressure: 1 << 28,
    upgrade: (response, request, context) =>
      response.upgrade<SocketHolder>(
        { socket: new UwsSocket('', undefined) },
        request.getHeader('sec-websocket-key'),
        '',
        '',
        context,
      ),
    open: (native) => {
      native.getUserData().socket.attach(native, acceptor);
      natives.push(native);
      sockets.push(native.getUserData().socket);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) =>
      socket === false ? reject(new Error('no port')) : resolve(us_socket_local_port(socket)),
    );
  });
  const receivers = fork(fileURLToPath(new URL('./fan-out-receivers.ts', import.meta.url)), [
    '--port',
    String(port),
    '--count',
    String(MEMBERS),
  ]);
  await new Promise((resolve) => receivers.once('message', resolve));
  const close = (): void => {
    receivers.disconnect();
    app.close();
  };
  return { natives, sockets, close };
}

function fakeSocket(): Socket {
  return {
    send: () => 'sent',
    cork: (write) => write(),
    ping() {},
    bufferedBytes: () => 0,
    end() {},
    terminate() {},
  };
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const { natives, sockets, close } = await openSockets();
  const users = benchUsers(MEMBERS);
  const isBehind = (): boolean => natives.some((socket) => socket.getBufferedAmount() > BUFFERED_MAX);
  const most = Number.POSITIVE_INFINITY;
  const runs = [
    ['20 k/s smooth', 20_000, false],
    ['75 k/s smooth', 75_000, false],
    ['200 k/s smooth', 200_000, false],
    ['most, smooth', most, false],
    ['200 k/s burst', 200_000, true],
    ['most, burst', most, true],
  ] as const;
  console.log(`µs of CPU per delivery, ${MEMBERS} members, ${SECONDS} s each (in brackets: deliveries/s)`);
  const senders = [bareSender(natives), corkedSender(natives), gatewaySender(users, sockets)];
  for (const sender of senders) await measure(sender, 200_000, true, isBehind);
  for (const [label, perSecond, isBurst] of runs) {
    const cells: string[] = [];
    for (const sender of senders) {
      const figure = await measure(sender, perSecond, isBurst, isBehind);
      cells.push(
        `${sender.name}: ${figure.cpuMicros.toFixed(2)} (${Math.round(figure.perSecond / 1_000)} k/s)`,
      );
    }
    console.log(`${label.padEnd(16)} ${cells.join('   ')}`);
  }
  const fake = await measure(gatewaySender(users, users.map(fakeSocket)), most, false, () => false);
  console.log(
    `without sockets  gateway: ${fake.cpuMicros.toFixed(3)} (${(fake.perSecond / 1e6).toFixed(1)} M/s)`,
  );
  close();
}

await main();
