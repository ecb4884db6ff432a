import type { Core } from '../core/core.ts';
import { type Refusal, refuse } from '../protocol/error-reply.ts';
import type { UserId } from '../protocol/ids.ts';
import { LINK_ENTRIES_LAST, LINK_GREETING_BYTES_MAX, LINK_LIFE_MS } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

/** A device that is not logged in, or, with a user, one that is. */
export interface LinkingDevice {
  readonly address: string;
  readonly user: UserId | undefined;
}

type Entry = NonNullable<RequestBody<'link'>['put']>;

/** Entries of the device that is not logged in: what it commits itself to, its key, and that it has everything. */
const OPENING = 0;
const NEW_DEVICE_ENTRIES: readonly number[] = [OPENING, 2, LINK_ENTRIES_LAST];

/** Passes entries on between two devices, and knows nothing of what is in them. */
export async function link(
  core: Core,
  device: LinkingDevice,
  { channel, put, want }: RequestBody<'link'>,
): Promise<ReplyBody<'link'> | Refusal> {
  const { stores, clock } = core;
  if (put !== undefined) {
    const refusal = await refusedPut(core, device, channel, put);
    if (refusal !== undefined) return refusal;
  }
  if (want === undefined) return {};
  const data = await stores.links.read(channel, want, clock.nowMs());
  if (data === 'none') return refuse('auth_failed', { message: 'there is no such channel' });
  return data === 'waiting' ? {} : { data };
}

/** Undefined: it was put. */
async function refusedPut(
  { stores, rates, limits, clock }: Core,
  { address, user }: LinkingDevice,
  channel: Uint8Array,
  { number, data }: Entry,
): Promise<Refusal | undefined> {
  const isNew = NEW_DEVICE_ENTRIES.includes(number);
  if (isNew !== (user === undefined))
    return refuse('forbidden', { message: 'this entry is the other device’s' });
  if (isNew && data.length > LINK_GREETING_BYTES_MAX)
    return refuse('bad_request', { message: 'data: it is too long' });
  const slowed =
    user !== undefined
      ? await rates.take('links_user', limits.rateLinksUser, user)
      : number === OPENING
        ? await rates.take('links_address', limits.rateLinksAddress, address)
        : undefined;
  if (slowed !== undefined) return slowed;
  const nowMs = clock.nowMs();
  const outcome =
    number === OPENING
      ? await stores.links.open({ channel, data }, nowMs + LINK_LIFE_MS, nowMs)
      : await stores.links.put({ channel, number, data }, nowMs);
  if (outcome === 'none') return refuse('auth_failed', { message: 'there is no such channel' });
  return outcome === 'taken' ? refuse('conflict', { message: 'another entry has this number' }) : undefined;
}
