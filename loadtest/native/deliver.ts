import { setTimeout as pause } from 'node:timers/promises';
import { toHex } from '../../src/protocol/bytes.ts';
import { WRAP_BYTES } from '../../src/protocol/limits.ts';
import { type GatewayFigures, GatewayWatch } from '../gateway-watch.ts';
import { makeSharedKeys, type SharedKeys } from '../wire/accounts.ts';
import type { PreparedRoom } from '../wire/first-epoch.ts';
import { assemble, localAddressOf, memberFields, shareOf } from './assembled-members.ts';
import { receiversChild, sendersChild } from './children.ts';
import { Latencies } from './latencies.ts';
import type { DeliverParameters } from './native-parameters.ts';
import { type Child, type Fields, numberIn } from './parent-and-child.ts';

const SETTLE_MS_MAX = 20_000;
const LOOK_EVERY_MS = 100;
const OPEN_SENDS_MAX = 64;
/** MessagePack writes three bytes before a wrap of suite 1, and two for the empty one of suite 2. */
const WRAP_END_BYTES = { 1: 3 + WRAP_BYTES, 2: 2 } as const;

export interface NativeTarget {
  readonly gatewayUrls: readonly string[];
  readonly metricsPages: () => readonly string[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface DeliverResult {
  readonly seconds: number;
  readonly sent: number;
  readonly refused: number;
  /** Without an answer at the end. Each is in `acknowledged` with the time for which it was waited for. */
  readonly unanswered: number;
  readonly deliveries: number;
  /** Accepted messages times members, less what came. */
  readonly lost: number;
  readonly duplicates: number;
  readonly overtaken: number;
  /** From the moment when a message was due to its read; and to its sender's answer. µs. */
  readonly delivery: Latencies;
  readonly acknowledged: Latencies;
  readonly gateways: GatewayFigures | undefined;
}

/** Members who only receive and count, and others who send at fixed times. */
export async function deliver(target: NativeTarget, parameters: DeliverParameters): Promise<DeliverResult> {
  const { say, signal, gatewayUrls } = target;
  const shared = await makeSharedKeys();
  const rooms = await assemble({
    urls: gatewayUrls,
    shared,
    rooms: parameters.rooms,
    members: parameters.members,
    suite: parameters.suite,
    retentionDays: parameters['retention-days'],
    say,
    signal,
  });
  const receivers = Array.from({ length: parameters['receiver-processes'] }, () => receiversChild(signal));
  const senders = sendersChild(signal);
  try {
    say(`connecting ${parameters.rooms * parameters.members} receivers`);
    await connectReceivers(receivers, rooms, shared, target, parameters);
    await connectSenders(senders, rooms, shared, target, parameters);
    signal.throwIfAborted();
    return await measure(receivers, senders, target, parameters);
  } finally {
    for (const child of [...receivers, senders]) await child[Symbol.asyncDispose]();
  }
}

async function connectReceivers(
  children: readonly Child[],
  rooms: readonly PreparedRoom[],
  shared: SharedKeys,
  { gatewayUrls }: NativeTarget,
  parameters: DeliverParameters,
): Promise<void> {
  const members = rooms
    .flatMap((room) => room.members.map((account) => ({ account, room })))
    .map(({ account, room }, index) => memberFields(account, room, gatewayUrls, index));
  await Promise.all(
    children.map((child, part) =>
      child.call('connect', {
        rsa: shared.rsaHex,
        ed25519: shared.ed25519Hex,
        members: shareOf(members, part, children.length),
        localAddress: localAddressOf(gatewayUrls[0] ?? '', part),
        suite: parameters.suite,
        stampBeforeEnd: parameters['ciphertext-bytes'] + WRAP_END_BYTES[parameters.suite === 1 ? 1 : 2],
        allSampled: true,
      }),
    ),
  );
}

async function connectSenders(
  senders: Child,
  rooms: readonly PreparedRoom[],
  shared: SharedKeys,
  { gatewayUrls }: NativeTarget,
  parameters: DeliverParameters,
): Promise<void> {
  const fields = rooms.flatMap(({ room, version, members, epoch }, index) =>
    members.slice(0, parameters.senders).map(
      ({ user, token }, number): Fields => ({
        url: gatewayUrls[(index + number) % gatewayUrls.length] ?? '',
        user,
        token: toHex(token),
        room,
        version,
        members: members.length,
        enters: false,
        ...(epoch !== undefined && {
          epoch: {
            number: epoch.number,
            recordHash: toHex(epoch.recordHash),
            recipients: toHex(epoch.recipients),
          },
        }),
      }),
    ),
  );
  await senders.call('connect', {
    rsa: shared.rsaHex,
    ed25519: shared.ed25519Hex,
    ciphertextBytes: parameters['ciphertext-bytes'],
    openMax: OPEN_SENDS_MAX,
    senders: fields,
  });
}

async function measure(
  receivers: readonly Child[],
  senders: Child,
  target: NativeTarget,
  parameters: DeliverParameters,
): Promise<DeliverResult> {
  const { say, signal } = target;
  say(`sending for ${parameters['warm-seconds']} + ${parameters.seconds} s`);
  await senders.call('run', { perSecond: parameters['messages-per-second'], burstMs: 0, isOpen: true });
  await pause(parameters['warm-seconds'] * 1_000, undefined, { signal }).catch(() => undefined);
  // What is on its way now is told apart by nobody: the figures begin between two messages.
  await Promise.all([...receivers.map((child) => child.call('take')), senders.call('counts')]);
  const watch = new GatewayWatch(target.metricsPages);
  await watch.start();
  const startedAt = performance.now();
  await pause(parameters.seconds * 1_000, undefined, { signal }).catch(() => undefined);
  const stopped = await senders.call('stop');
  const seconds = (performance.now() - startedAt) / 1_000;
  const settled = await settle(receivers, senders, stopped, parameters.members);
  return { ...settled, seconds, gateways: await watch.stop() };
}

/** Waits until all that was sent since the start is answered and has come, or nothing comes any more. */
async function settle(
  receivers: readonly Child[],
  senders: Child,
  stopped: Fields,
  members: number,
): Promise<Omit<DeliverResult, 'seconds' | 'gateways'>> {
  const sent = numberIn(stopped, 'sent');
  const [delivery, acknowledged] = [new Latencies(), new Latencies()];
  if (typeof stopped['latencies'] === 'string') acknowledged.addText(stopped['latencies']);
  const deadline = Date.now() + SETTLE_MS_MAX;
  for (;;) {
    const answers = await senders.call('counts');
    if (typeof answers['latencies'] === 'string') acknowledged.addText(answers['latencies']);
    const totals = { deliveries: 0, duplicates: 0, overtaken: 0 };
    for (const taken of await Promise.all(receivers.map((child) => child.call('take')))) {
      if (typeof taken['latencies'] === 'string') delivery.addText(taken['latencies']);
      totals.deliveries += numberIn(taken, 'deliveries');
      totals.duplicates += numberIn(taken, 'duplicates');
      totals.overtaken += numberIn(taken, 'overtaken');
    }
    const [refused, answered] = [numberIn(answers, 'refused'), numberIn(answers, 'answered')];
    const lost = (sent - refused) * members - (totals.deliveries - totals.duplicates);
    if ((answered === sent && lost <= 0) || Date.now() > deadline) {
      const unanswered = sent - answered;
      for (let i = 0; i < unanswered; i += 1) acknowledged.add(SETTLE_MS_MAX * 1_000);
      return { ...totals, sent, refused, unanswered, lost, delivery, acknowledged };
    }
    await pause(LOOK_EVERY_MS);
  }
}
