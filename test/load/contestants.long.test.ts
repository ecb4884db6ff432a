import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import type { Deliverer } from '../../bench/contestants/contestant.ts';
import { contestants } from '../../bench/contestants/contestants.ts';
import { type DeliverySetup, setUpDelivery } from '../../bench/support/delivery-setup.ts';
import { eventually } from '../support/eventually.ts';
import { skipWithoutGo } from '../support/programs/skip-without-go.ts';
import { FIRST_TIME_MS } from './load-process.ts';

const MEMBERS = 3;
/** The frame of Conclave for 300 bytes of ciphertext in a room that small. */
const FRAME_BYTES_MIN = 840;
/** Of suite 2, in which no frame has a wrap. */
const SHARED_FRAME_BYTES_MIN = 690;

describe('the servers that npm run bench:delivery compares', () => {
  const said: string[] = [];
  let setup: DeliverySetup;
  beforeAll(async () => {
    const say = (line: string): void => void said.push(line);
    setup = await setUpDelivery(contestants, { members: MEMBERS, ciphertextBytes: 300, say });
  }, FIRST_TIME_MS);
  afterAll(() => setup[Symbol.asyncDispose]());

  /** Without Go, Centrifuge takes no part. */
  function delivererOf(name: string, context: TestContext): Deliverer {
    if (name.startsWith('centrifuge')) skipWithoutGo(context, 'the server of Centrifuge');
    const found = setup.deliverers.find((deliverer) => deliverer.name === name);
    if (found === undefined) throw new Error(`${name} is not there: ${said.join('\n')}`);
    return found;
  }

  test.for(contestants.map(({ name }) => name))(
    '%s: deliveries are told from all else, and a message that is missing is noticed by each receiver',
    async (name, context) => {
      const { receivers, injector } = delivererOf(name, context);
      const before = await receivers.call('take');
      expect(before).toMatchObject({ outOfOrder: 0 });
      for (const step of ['inject', 'inject', 'skip', 'inject']) await injector.call(step);
      await eventually(async () => {
        const { deliveries } = await receivers.call('take');
        expect(deliveries).toBe(Number(before['deliveries']) + 3 * MEMBERS);
      });
      const { deliveries, bytes, outOfOrder } = await receivers.call('take');
      expect(outOfOrder).toBe(MEMBERS);
      const frameBytesMin = name.includes('suite 2') ? SHARED_FRAME_BYTES_MIN : FRAME_BYTES_MIN;
      expect(Number(bytes) / Number(deliveries)).toBeGreaterThan(frameBytesMin);
    },
  );

  test('none of them hears the messages of another, though all are on one Redis', async () => {
    const taken = (): Promise<number[]> =>
      Promise.all(
        setup.deliverers.map(async ({ receivers }) => Number((await receivers.call('take'))['deliveries'])),
      );
    const before = await taken();
    for (const { injector } of setup.deliverers) await injector.call('inject');
    const expected = before.map((deliveries) => deliveries + MEMBERS);
    await eventually(async () => {
      const now = await taken();
      expect(now.map((deliveries, index) => deliveries >= (expected[index] ?? 0))).not.toContain(false);
    });
    expect(await taken()).toEqual(expected);
  });
});
