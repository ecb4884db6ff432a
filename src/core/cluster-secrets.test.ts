import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { KeyedPerson } from '../../test/support/ports/keyed-person.ts';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import {
  listen,
  roomNamed,
  type ServiceNode,
  type ServiceWorld,
} from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import { TOKEN_LIFE_MS } from '../protocol/limits.ts';
import { decodeStrict } from '../protocol/message-pack.ts';
import { administration } from '../requests/administration.ts';
import { READ_EVERY_MS, TOKEN_SECRETS_MAX } from './cluster-secrets.ts';

const AFTER_READING_MS = 2_000;

/** Which secret a token says it is of: its second field. */
function numberOf(token: Uint8Array): unknown {
  const decoded = decodeStrict(token.subarray(0, -32), { depthMax: 1, itemsMax: 16 });
  return decoded.ok && Array.isArray(decoded.value) ? decoded.value[1] : undefined;
}

describe('the secret of tokens', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let ann: KeyedPerson;
  beforeAll(async () => {
    ann = await KeyedPerson.make('Ann');
  });
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes([ann]));
  });
  afterEach(() => void vi.useRealTimers());

  const rotate = (node: ServiceNode) => administration['rotate-secret'](node.core, {});

  it('is replaced by one of the next number; tokens of the one before resume on every node', async () => {
    const before = (await ann.login(a.core)).reply.token;
    const now = Date.now();
    const rotated = await rotate(a);
    expect(rotated).toEqual({ number: 2, previousUntil: expect.any(Number) });
    expect(rotated).toHaveProperty(
      'previousUntil',
      expect.toSatisfy((until) => until >= now + TOKEN_LIFE_MS),
    );
    const after = (await ann.login(a.core)).reply.token;
    expect([numberOf(before), numberOf(after)]).toEqual([1, 2]);
    for (const node of [a, b])
      for (const token of [before, after]) expect(await ann.resumes(node, token)).toBe(true);
  });

  it('is told to every node, without the secret itself', async () => {
    const control = await listen(b, 'control');
    await rotate(a);
    await eventually(() => expect(control.notices).toEqual([{ about: 'secrets' }]));
    b.core.secrets.changed();
    await eventually(async () => expect(numberOf((await ann.login(b.core)).reply.token)).toBe(2));
  });

  it('is read by a node that heard nothing when it meets a number above all that it knows', async () => {
    await rotate(a);
    const tokens = await Promise.all(
      Array.from({ length: 5 }, async () => (await ann.login(a.core)).reply.token),
    );
    const readsBefore = world.secrets.count('read');
    expect(await Promise.all(tokens.map((token) => ann.resumes(b, token)))).toEqual(tokens.map(() => true));
    expect(world.secrets.count('read') - readsBefore).toBe(1);
  });

  it('is not read for everybody who makes up a number', async () => {
    const { token } = (await ann.login(a.core)).reply;
    const forged = new Uint8Array(token);
    // Array of nine, version, then the number as one byte.
    expect(forged[2]).toBe(1);
    forged[2] = 99;
    vi.useFakeTimers({ toFake: ['performance'] });
    for (let i = 0; i < 20; i += 1) expect(await ann.resumes(b, forged)).toBe(false);
    expect(world.secrets.count('read')).toBe(1);
    vi.advanceTimersByTime(READ_EVERY_MS);
    for (let i = 0; i < 20; i += 1) expect(await ann.resumes(b, forged)).toBe(false);
    expect(world.secrets.count('read')).toBe(2);
  });

  it('of before is over after 24 hours, and a token of it that would live longer with it', async () => {
    const { token } = (await ann.login(a.core)).reply;
    const rotatedAt = Date.now();
    await rotate(a);
    vi.useFakeTimers({ toFake: ['Date'], now: rotatedAt + TOKEN_LIFE_MS - 60_000 });
    // Of a node that has not heard of the change.
    const late = (await ann.login(b.core)).reply.token;
    expect(numberOf(late)).toBe(1);
    expect(await ann.resumes(a, late)).toBe(true);
    vi.setSystemTime(rotatedAt + TOKEN_LIFE_MS + AFTER_READING_MS);
    expect(await ann.resumes(a, late)).toBe(false);
    expect(await ann.resumes(a, token)).toBe(false);
    const fresh = (await ann.login(a.core)).reply.token;
    expect(await ann.resumes(b, fresh)).toBe(true);
    expect(await ann.resumes(b, late)).toBe(false);
  });

  it('is changed once when two operators do it at once, and not without end within a day', async () => {
    const outcomes = await Promise.all([rotate(a), rotate(b)]);
    expect(outcomes.filter((outcome) => 'number' in outcome)).toHaveLength(1);
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toEqual([{ refused: 'conflict' }]);
    for (let number = 3; number <= TOKEN_SECRETS_MAX; number += 1)
      expect(await rotate(number % 2 === 0 ? a : b)).toMatchObject({ number });
    expect(await rotate(a)).toEqual({ refused: 'too_many_secrets' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + TOKEN_LIFE_MS + 1 });
    expect(await rotate(a)).toMatchObject({ number: TOKEN_SECRETS_MAX + 1 });
    expect((await world.stores.secrets.read())?.tokenSecrets).toHaveLength(2);
  });

  it('never takes the decoys along: made-up answers stay the same', async () => {
    const lookup = async (node: ServiceNode) =>
      node.requests.lookup(await world.caller('bob'), { name: roomNamed('Nowhere') });
    const before = accepted(await lookup(a));
    await rotate(a);
    b.core.secrets.changed();
    await eventually(async () => expect(numberOf((await ann.login(b.core)).reply.token)).toBe(2));
    for (const node of [a, b]) expect(accepted(await lookup(node))).toEqual(before);
  });
});
