import { describe, expect, it } from 'vitest';
import { recordingTelemetry } from '../../test/support/gateway/recording-telemetry.ts';
import {
  BYTES_PER_UNIT,
  DEBT_UNITS_MAX,
  type FrameSender,
  FrameTurns,
  TURN_UNITS,
  TURN_UNITS_NODE,
  UNITS_BEFORE_LOGIN,
  UNITS_PER_SECOND,
  WAITING_BYTES_MAX,
  WAITING_BYTES_NODE_MAX,
  WAITING_FRAMES_MAX,
} from './session-limits.ts';

interface Sender extends FrameSender {
  readonly name: string;
}

/** Turns that a test takes, and a clock that stands still unless it is set. */
function setUp(onHandled: (sender: Sender) => void = () => undefined) {
  const { telemetry, calls } = recordingTelemetry();
  const clock = { nowMs: 1_000 };
  let due: (() => void)[] = [];
  let handled: string[] = [];
  const turns = new FrameTurns<Sender>(
    (sender, [number = 0], arrivedAtMs) => {
      handled.push(`${sender.name}${number}`);
      expect(arrivedAtMs).toBeLessThanOrEqual(clock.nowMs);
      onHandled(sender);
    },
    telemetry,
    (run) => void due.push(run),
  );
  const send = (sender: Sender, number: number, byteCount = 1): string => {
    const bytes = new Uint8Array(byteCount).fill(number);
    const arrived = turns.arrived(sender, bytes, clock.nowMs);
    if (arrived === 'now') handled.push(`${sender.name}${number}`);
    // As the buffer of a socket, which the next frame overwrites.
    bytes.fill(0xff);
    return arrived;
  };
  const flood = (sender: Sender, count: number): string[] =>
    Array.from({ length: count }, (_, number) => send(sender, number));
  /** What was handled since the last look. */
  const seen = (): string[] => {
    const now = handled;
    handled = [];
    return now;
  };
  /** What one turn handles; undefined if none is due. */
  const turn = (): string[] | undefined => {
    if (due.length === 0) return undefined;
    const runs = due;
    due = [];
    seen();
    for (const run of runs) run();
    return seen();
  };
  const waitingBytes = (): number =>
    calls
      .filter(({ event }) => event === 'waitingFrameBytes')
      .reduce((sum, { values }) => sum + Number(values[0]), 0);
  return { turns, clock, send, flood, seen, turn, waitingBytes };
}

const user = (name: string, turnKey = name): Sender => ({
  name,
  turnKey,
  isLoggedIn: true,
  waiting: undefined,
  share: undefined,
});
const stranger = (name: string, turnKey = name): Sender => ({ ...user(name, turnKey), isLoggedIn: false });

describe('frames of a user', () => {
  it('who sends a little are handled as they arrive, and schedule nothing', () => {
    const { clock, send, turn } = setUp();
    const ann = user('ann');
    for (let number = 0; number < 100; number += 1) {
      expect(send(ann, number)).toBe('now');
      clock.nowMs += 1_000 / UNITS_PER_SECOND;
    }
    expect(turn()).toBeUndefined();
  });

  it('who sends many at once wait for later turns, a few in each, and stay in order', () => {
    const { flood, seen, turn, waitingBytes } = setUp();
    const ann = user('ann');
    const count = 3 * TURN_UNITS + 1;
    flood(ann, count);
    const order = seen();
    expect(order).toHaveLength(TURN_UNITS);
    expect(waitingBytes()).toBe(count - TURN_UNITS);
    for (let part = turn(); part !== undefined; part = turn()) {
      expect(part.length).toBeLessThanOrEqual(TURN_UNITS);
      order.push(...part);
    }
    expect(order).toEqual(Array.from({ length: count }, (_, number) => `ann${number}`));
    expect(waitingBytes()).toBe(0);
  });

  it('do not overtake those that wait, whatever the user may begin by then', () => {
    const { clock, send, flood, turn } = setUp();
    const ann = user('ann');
    flood(ann, TURN_UNITS + 1);
    clock.nowMs += 60_000;
    expect(send(ann, 99)).toBe('waits');
    expect(turn()).toEqual([`ann${TURN_UNITS}`, 'ann99']);
  });

  it('of an honest user are handled at once while a hundred others flood the node', () => {
    const { send, flood, turn } = setUp();
    for (let index = 0; index < 100; index += 1) flood(user(`flood${index}-`), 50);
    turn();
    expect(send(user('ann'), 1)).toBe('now');
  });

  it('that wait begin no later than one turn of each user that floods', () => {
    const { flood, turn } = setUp();
    const floods = 40;
    for (let index = 0; index < floods; index += 1) flood(user(`flood${index}-`), 200);
    flood(user('ann'), TURN_UNITS + 1);
    let turns = 0;
    for (let part = turn(); !part?.some((name) => name.startsWith('ann')); part = turn()) turns += 1;
    expect(turns).toBeLessThanOrEqual((floods * TURN_UNITS) / TURN_UNITS_NODE);
  });

  it('share one turn, however many sessions the user has', () => {
    const { flood, turn, seen } = setUp();
    const [one, two] = [user('one', 'ann'), user('two', 'ann')];
    flood(one, 50);
    flood(two, 50);
    expect(seen()).toHaveLength(TURN_UNITS);
    const names = (turn() ?? []).map((name) => name.slice(0, 3));
    expect(names).toEqual(['one', 'two', 'one', 'two']);
  });
});

describe('one turn', () => {
  it('begins no more than its units, whoever waits, and goes on with those who were passed over', () => {
    const { flood, turn } = setUp();
    const users = Array.from({ length: 20 }, (_, index) => user(`u${index}-`));
    for (const one of users) flood(one, 2 * TURN_UNITS);
    const inTurns = [turn(), turn(), turn(), turn(), turn()].map((part) => part ?? []);
    for (const part of inTurns) expect(part).toHaveLength(TURN_UNITS_NODE);
    expect(new Set(inTurns.flat().map((name) => name.split('-')[0]))).toHaveLength(users.length);
  });

  it('begins fewer logins, and shares them among addresses', () => {
    const { flood, turn, seen } = setUp();
    const busy = Array.from({ length: 10 }, (_, index) => stranger(`busy${index}-`, 'busy'));
    for (const one of busy) flood(one, 2);
    flood(stranger('lone'), 2);
    expect(seen()).toEqual([]);
    const first = turn() ?? [];
    expect(first).toHaveLength(TURN_UNITS_NODE / UNITS_BEFORE_LOGIN);
    expect([...first, ...(turn() ?? [])]).toContain('lone0');
  });

  it("pays for the large replies of those before it, the node's and the user's", () => {
    const { turns, flood, turn } = setUp((sender) => turns.replied(sender, 8 * BYTES_PER_UNIT));
    const [ann, bob] = [user('ann'), user('bob')];
    flood(ann, TURN_UNITS + 3);
    flood(bob, TURN_UNITS + 3);
    const perTurn: number[] = [];
    for (let part = turn(); part !== undefined; part = turn()) perTurn.push(part.length);
    // Each is worth nine units: the first of each user costs it this turn and the next one.
    expect(perTurn).toEqual([2, 0, 2, 0, 2]);
  });

  it('goes on without a sender that ended, or that its own frame ended', () => {
    const ended = user('ended');
    const { turns, flood, turn, waitingBytes } = setUp((sender) => {
      if (sender === ended) turns.ended(sender);
    });
    const gone = user('gone');
    for (const one of [ended, gone, user('ann')]) flood(one, TURN_UNITS + 2);
    turns.ended(gone);
    expect(turn()).toEqual([`ended${TURN_UNITS}`, `ann${TURN_UNITS}`, `ann${TURN_UNITS + 1}`]);
    expect(turn()).toBeUndefined();
    expect(waitingBytes()).toBe(0);
  });

  it('follows a session from its address to its user when it logs in', () => {
    const guest = { ...stranger('guest', '192.0.2.1') };
    const { send, turn } = setUp((sender) => {
      Object.assign(sender, { isLoggedIn: true, turnKey: 'ann' });
    });
    for (let number = 0; number < 6; number += 1) send(guest, number);
    const inTurns = [turn(), turn(), turn()];
    expect(inTurns).toEqual([['guest0'], ['guest1', 'guest2', 'guest3', 'guest4'], ['guest5']]);
  });
});

describe('what waits is bounded', () => {
  it('for a session, by count and by bytes', () => {
    const { flood, send } = setUp();
    const ann = user('ann');
    flood(ann, TURN_UNITS);
    expect(new Set(flood(ann, WAITING_FRAMES_MAX))).toEqual(new Set(['waits']));
    expect(send(ann, 1)).toBe('too_many');
    const bob = user('bob');
    flood(bob, TURN_UNITS + 1);
    expect(send(bob, 1, WAITING_BYTES_MAX - 1)).toBe('waits');
    expect(send(bob, 1)).toBe('too_large');
  });

  it('for the node, by bytes, while a user who sends a little goes on', () => {
    const { flood, send, waitingBytes } = setUp();
    const answers = Array.from({ length: WAITING_BYTES_NODE_MAX / WAITING_BYTES_MAX + 1 }, (_, index) => {
      const one = user(`flood${index}-`);
      const last = flood(one, TURN_UNITS + 1).at(-1);
      if (last === 'waits') send(one, 1, WAITING_BYTES_MAX - 1);
      return last;
    });
    expect(answers.at(0)).toBe('waits');
    expect(answers.at(-1)).toBe('too_large');
    expect(waitingBytes()).toBeLessThanOrEqual(WAITING_BYTES_NODE_MAX);
    expect(send(user('ann'), 1)).toBe('now');
  });

  it('and a large frame with none before it is handled at once, which costs no more than to keep it', () => {
    const { flood, send } = setUp();
    const ann = user('ann');
    flood(ann, TURN_UNITS);
    expect(send(ann, 1, BYTES_PER_UNIT)).toBe('now');
    expect(send(ann, 2)).toBe('waits');
    expect(send(ann, 3, BYTES_PER_UNIT)).toBe('waits');
  });
});

it('a debt for replies is paid off by time, and has a limit', () => {
  const { turns, clock, send } = setUp();
  const ann = user('ann');
  for (let count = 0; count < 100; count += 1) turns.replied(ann, 100 * BYTES_PER_UNIT);
  clock.nowMs += (DEBT_UNITS_MAX / UNITS_PER_SECOND) * 1_000 + 1;
  expect(send(ann, 1)).toBe('now');
});
