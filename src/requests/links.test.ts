import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { accepted } from '../../test/support/ports/prepared-send.ts';
import type { ServiceNode, ServiceWorld } from '../../test/support/ports/service-world.ts';
import { twoNodes } from '../../test/support/ports/set-ups.ts';
import { LINK_ENTRIES_LAST, LINK_GREETING_BYTES_MAX, LINK_LIFE_MS } from '../protocol/limits.ts';
import type { RequestBody } from '../protocol/requests.ts';
import { type LinkingDevice, link } from './links.ts';

describe('a channel between two devices', () => {
  let world: ServiceWorld;
  let a: ServiceNode;
  let b: ServiceNode;
  let old: LinkingDevice;
  const fresh: LinkingDevice = { address: '192.0.2.7', user: undefined };
  const channel = new Uint8Array(randomBytes(16));
  const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  beforeEach(async () => {
    ({ world, a, b } = await twoNodes());
    old = { address: '192.0.2.8', user: (await world.caller('ann')).user };
  });

  const put = (device: LinkingDevice, number: number, data = bytes(32), node = a) =>
    link(node.core, device, { channel, put: { number, data } });
  const read = (device: LinkingDevice, want: number, body: Partial<RequestBody<'link'>> = {}) =>
    link(b.core, device, { channel, want, ...body });

  it('passes on what each side puts, over nodes, and says nothing before it is there', async () => {
    const [commit, share, reveal, part] = [bytes(32), bytes(64), bytes(64), bytes(5_000)];
    accepted(await put(fresh, 0, commit));
    expect(await read(old, 0)).toEqual({ data: commit });
    expect(await read(fresh, 1)).toEqual({});
    accepted(await put(old, 1, share));
    expect(await read(fresh, 1, { put: { number: 2, data: reveal } })).toEqual({ data: share });
    accepted(await put(old, 3, part));
    expect(await read(fresh, 3)).toEqual({ data: part });
    accepted(await put(fresh, LINK_ENTRIES_LAST, new Uint8Array(0)));
    expect(await read(old, LINK_ENTRIES_LAST)).toEqual({ data: new Uint8Array(0) });
  });

  it('lets each side put its own entries only, each once, and the new device short ones only', async () => {
    accepted(await put(fresh, 0));
    for (const number of [1, 3, LINK_ENTRIES_LAST - 1])
      expect(await put(fresh, number)).toMatchObject({ refused: 'forbidden' });
    for (const number of [0, 2, LINK_ENTRIES_LAST])
      expect(await put(old, number)).toMatchObject({ refused: 'forbidden' });
    const long = bytes(LINK_GREETING_BYTES_MAX + 1);
    expect(await put(fresh, 2, long)).toMatchObject({ refused: 'bad_request' });
    expect(await put(fresh, 0)).toMatchObject({ refused: 'conflict' });
    accepted(await put(old, 1));
    expect(await put(old, 1)).toMatchObject({ refused: 'conflict' });
  });

  it('is there only once it was opened, and for ten minutes', async () => {
    const none = { refused: 'auth_failed' };
    expect(await read(old, 0)).toMatchObject(none);
    expect(await put(old, 1)).toMatchObject(none);
    accepted(await put(fresh, 0));
    accepted(await put(old, 1));
    world.clock.aheadMs = LINK_LIFE_MS - 1_000;
    accepted(await read(fresh, 1));
    world.clock.aheadMs = LINK_LIFE_MS + 1;
    expect(await read(fresh, 1)).toMatchObject(none);
    expect(await put(old, 3)).toMatchObject(none);
    accepted(await put(fresh, 0));
    expect(await read(fresh, 1)).toEqual({});
  });

  it('is opened at a limited rate by address, and filled at one by user', async () => {
    const rate = { count: 2, periodMs: 3_600_000, burst: 2 };
    ({ world, a, b } = await twoNodes([], { rateLinksUser: rate, rateLinksAddress: rate }));
    const opening = (device: LinkingDevice) =>
      link(a.core, device, { channel: bytes(16), put: { number: 0, data: bytes(32) } });
    for (let time = 0; time < 2; time += 1) accepted(await opening(fresh));
    expect(await opening(fresh)).toMatchObject({ refused: 'rate_limited' });
    accepted(await put({ ...fresh, address: '192.0.2.9' }, 0));
    for (const number of [1, 3]) accepted(await put(old, number));
    expect(await put(old, 4)).toMatchObject({ refused: 'rate_limited' });
  });
});
