import { setTimeout as pause } from 'node:timers/promises';
import { type GatewayFigures, GatewayWatch } from '../gateway-watch.ts';
import { makeSharedKeys } from '../wire/accounts.ts';
import { assemble, localAddressOf, memberFields, shareOf } from './assembled-members.ts';
import { crowdChild } from './children.ts';
import type { NativeTarget } from './deliver.ts';
import { Latencies } from './latencies.ts';
import type { ReconnectParameters } from './native-parameters.ts';
import { type Fields, isFields, numberIn, textIn } from './parent-and-child.ts';

/** What the first coming leaves to be done is not part of the return. */
const SETTLE_MS = 5_000;

export interface ReconnectRound {
  /** From the cut until the last one was back. */
  readonly seconds: number;
  /** Attempts that failed and were repeated, by what was wrong. */
  readonly failures: ReadonlyMap<string, number>;
  /** Clients that did not get back. */
  readonly gaveUp: number;
  /** From dialling to the rooms entered, the attempts that failed included. µs. */
  readonly return: Latencies;
  readonly gateways: GatewayFigures | undefined;
}

/** All clients are cut off at once, and come back with their tokens. */
export async function reconnect(
  target: NativeTarget,
  parameters: ReconnectParameters,
): Promise<readonly ReconnectRound[]> {
  const { gatewayUrls, say, signal } = target;
  const shared = await makeSharedKeys();
  const rooms = await assemble({
    urls: gatewayUrls,
    shared,
    rooms: Math.ceil(parameters.clients / parameters.members),
    members: parameters.members,
    suite: parameters.suite,
    retentionDays: 0,
    say,
    signal,
  });
  const members = rooms
    .flatMap((room) => room.members.map((account) => ({ account, room })))
    .slice(0, parameters.clients)
    .map(({ account, room }, index) => memberFields(account, room, gatewayUrls, index));
  const children = Array.from({ length: parameters['client-processes'] }, () => crowdChild(signal));
  try {
    say(`connecting ${members.length} clients to ${gatewayUrls.length} gateways`);
    await Promise.all(
      children.map((child, part) =>
        child.call('connect', {
          rsa: shared.rsaHex,
          ed25519: shared.ed25519Hex,
          members: shareOf(members, part, children.length),
          localAddress: localAddressOf(gatewayUrls[0] ?? '', part) ?? '',
          suite: parameters.suite,
        }),
      ),
    );
    const rounds: ReconnectRound[] = [];
    for (let round = 1; round <= parameters.rounds; round += 1) {
      await pause(SETTLE_MS, undefined, { signal });
      say(`cutting all off, round ${round}`);
      const watch = new GatewayWatch(target.metricsPages);
      await watch.start();
      const startedAt = performance.now();
      const told = await Promise.all(
        children.map((child) => child.call('comeBack', { spreadMs: parameters['spread-seconds'] * 1_000 })),
      );
      const seconds = (performance.now() - startedAt) / 1_000;
      const all = new Latencies();
      for (const fields of told) all.addText(textIn(fields, 'latencies'));
      // What a closed connection leaves to be done is part of its price.
      await pause(SETTLE_MS, undefined, { signal }).catch(() => undefined);
      rounds.push({
        seconds,
        failures: failuresOf(told),
        gaveUp: told.reduce((total, fields) => total + numberIn(fields, 'gaveUp'), 0),
        return: all,
        gateways: await watch.stop(),
      });
    }
    return rounds;
  } finally {
    for (const child of children) await child[Symbol.asyncDispose]();
  }
}

function failuresOf(told: readonly Fields[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { failures } of told) {
    if (!isFields(failures)) continue;
    for (const reason of Object.keys(failures))
      sums.set(reason, (sums.get(reason) ?? 0) + numberIn(failures, reason));
  }
  return sums;
}
