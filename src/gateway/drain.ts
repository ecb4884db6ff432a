import { setTimeout as delay } from 'node:timers/promises';
import type { CloseName } from '../protocol/codes.ts';
import { encodeEvent } from '../protocol/server-codec.ts';
import type { Session } from './session.ts';

/** How often sessions that are due are closed. */
const STEP_MS = 20;
/** Above the deadline of a request: those under way are answered by then. */
const LAST_ANSWERS_MS = 1_000;
const CLOSE: CloseName = 'going_away';

export interface DrainPlan {
  /** For the load balancer to notice. */
  readonly waitMs: number;
  /** Over which the sessions are closed. */
  readonly overMs: number;
}

/** What a drain needs of a node. */
export interface Drainable {
  readonly sessions: ReadonlySet<Session>;
  /** From now on new connections are told to go elsewhere. */
  refuseConnections(): void;
}

/**
 * Waits for the balancer, tells each session when it is going to be closed, and closes them in random order, evenly over
 * the time. Each answers the requests under way first. No session open: no waits. Resolves when none is left.
 */
export async function drainSessions(node: Drainable, { waitMs, overMs }: DrainPlan): Promise<void> {
  await untilEmpty(node.sessions, waitMs);
  node.refuseConnections();
  const leaving = shuffled([...node.sessions]);
  await moveElsewhere(leaving, overMs / Math.max(1, leaving.length), node.sessions);
  await untilEmpty(node.sessions, LAST_ANSWERS_MS);
}

/** At most `count` of them, chosen at random. */
export function anyOf<Item>(items: Iterable<Item>, count: number): readonly Item[] {
  return shuffled([...items]).slice(0, count);
}

/**
 * Tells each of these sessions when it is going to be closed, and closes one after the other in that order. Ends early
 * when the node has no session at all any more.
 */
export async function moveElsewhere(
  leaving: readonly Session[],
  perSessionMs: number,
  all: ReadonlySet<Session>,
): Promise<void> {
  const startedAtMs = performance.now();
  leaving.forEach((session, i) => {
    session.outbox.pushWhole(encodeEvent('going-away', { inMs: Math.round((i + 1) * perSessionMs) }));
  });
  let next = 0;
  while (next < leaving.length && all.size > 0) {
    await delay(STEP_MS);
    const due =
      perSessionMs === 0 ? leaving.length : Math.floor((performance.now() - startedAtMs) / perSessionMs);
    for (; next < Math.min(due, leaving.length); next += 1) leaving[next]?.drain(CLOSE);
  }
}

async function untilEmpty(sessions: ReadonlySet<Session>, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (sessions.size > 0 && performance.now() < until) await delay(STEP_MS);
}

function shuffled<Item>(items: Item[]): Item[] {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    const swapped = items[j];
    const item = items[i];
    if (swapped === undefined || item === undefined) continue;
    items[i] = swapped;
    items[j] = item;
  }
  return items;
}
