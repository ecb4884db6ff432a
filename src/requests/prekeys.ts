import { hash } from 'node:crypto';
import { fingerprintOf, openAccountOf, verifyEd25519 } from '../core/account-proofs.ts';
import type { Caller } from '../core/caller.ts';
import type { Core, UseCases } from '../core/core.ts';
import { currentMember } from '../core/current-member.ts';
import { userBefore, userPage } from '../core/user-pages.ts';
import type { StoredPrekey } from '../ports/prekey-store.ts';
import { isRefusal, type Refusal, refuse } from '../protocol/error-reply.ts';
import type { Fingerprint, UserId } from '../protocol/ids.ts';
import { prekeySignatureInput } from '../protocol/layouts/epoch-inputs.ts';
import type { IdentityDocument } from '../protocol/layouts/identity-document.ts';
import { parsePrekey, prekeyLife } from '../protocol/layouts/prekey.ts';
import { PREKEY_WEEK_MS, PREKEY_WEEKS_AHEAD, PREKEYS_PAGE_MAX } from '../protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../protocol/requests.ts';

export const prekeys = { prekey: put, prekeys: page } satisfies Partial<UseCases>;

/** All of them are stored, or none. */
async function put(
  core: Core,
  caller: Caller,
  body: RequestBody<'prekey'>,
): Promise<ReplyBody<'prekey'> | Refusal> {
  const { stores, rates, limits, clock } = core;
  const slowed = await rates.take('prekeys_user', limits.ratePrekeysUser, caller.user);
  if (slowed !== undefined) return slowed;
  const found = await openAccountOf(stores.identities, caller);
  if (isRefusal(found)) return found;
  const { document } = found;
  const fingerprint = fingerprintOf(document);
  const owner = { user: caller.user, fingerprint, document };
  const checked: StoredPrekey[] = [];
  for (const bytes of body.prekeys) {
    const prekey = checkedPrekey(bytes, owner, clock.nowMs());
    if (isRefusal(prekey)) return prekey;
    if (checked.some(({ week }) => week === prekey.week))
      return refuse('bad_request', { message: 'prekey: a week is there twice' });
    checked.push(prekey);
  }
  await stores.prekeys.put(caller.user, fingerprint, checked);
  return {};
}

interface Owner {
  readonly user: UserId;
  readonly fingerprint: Fingerprint;
  readonly document: IdentityDocument;
}

function checkedPrekey(
  bytes: Uint8Array,
  { user, fingerprint, document }: Owner,
  nowMs: number,
): StoredPrekey | Refusal {
  const signed = parsePrekey(bytes);
  if (signed === undefined) return refuse('invalid_identity', { message: 'prekey: it is malformed' });
  const { week, notBefore, notAfter } = signed.prekey;
  const life = prekeyLife(document.createdAt, week);
  if (signed.prekey.user !== user || signed.prekey.fingerprint !== fingerprint)
    return refuse('invalid_identity', { message: 'prekey: it is of another account, or of other keys' });
  if (notBefore !== life.notBefore || notAfter !== life.notAfter)
    return refuse('invalid_identity', { message: 'prekey: its times are not those of its week' });
  const input = prekeySignatureInput(hash('sha256', signed.document, 'buffer'));
  if (!verifyEd25519(document.signingKey, input, signed.signature))
    return refuse('invalid_identity', { message: 'prekey: the signature does not hold' });
  if (notAfter <= nowMs || notBefore > nowMs + PREKEY_WEEKS_AHEAD * PREKEY_WEEK_MS)
    return refuse('bad_request', { message: 'prekey: its week is over, or too far ahead' });
  return { week, bytes, notBefore, notAfter };
}

/** Of the members as they are now: whoever joins or leaves between two pages is in the rest of them, or is not. */
async function page(
  core: Core,
  caller: Caller,
  body: RequestBody<'prekeys'>,
): Promise<ReplyBody<'prekeys'> | Refusal> {
  const before = userBefore(body.cursor);
  if (isRefusal(before)) return before;
  const current = await currentMember(core, caller, body.room);
  if (isRefusal(current)) return current;
  const members = current.view.members.map(({ user }) => user).sort();
  const { listed, next } = userPage(members, before.user, PREKEYS_PAGE_MAX);
  const found = await core.stores.prekeys.current(listed, core.clock.nowMs());
  const prekeys = listed.flatMap((user) => {
    const prekey = found.get(user);
    return prekey === undefined ? [] : [{ user, prekey }];
  });
  return { prekeys, ...next };
}
