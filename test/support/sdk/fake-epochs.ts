import { createHash } from 'node:crypto';
import { wrapTree } from '../../../client/crypto/epochs/wrap-tree.ts';
import { concatBytes, sameBytes, toHex } from '../../../src/protocol/bytes.ts';
import type { OwnEpoch } from '../../../src/protocol/entities.ts';
import { type Refusal, refuse } from '../../../src/protocol/error-reply.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { type EpochBody, parseEpochRecord } from '../../../src/protocol/layouts/epoch-record.ts';
import { splitEpochWraps } from '../../../src/protocol/layouts/epoch-wraps.ts';
import { EPOCH_AGE_MS } from '../../../src/protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';

/** What of a room decides about its epochs. */
interface EpochRoom {
  readonly floor: number;
  readonly version: number;
  members(version: number): readonly { readonly user: UserId }[];
}

interface FakeEpoch {
  readonly body: EpochBody;
  readonly record: Uint8Array;
  readonly copies: ReadonlyMap<UserId, { readonly wrap: Uint8Array; readonly path: Uint8Array }>;
  readonly at: number;
}

/** The epochs of one room as a server keeps them, as far as clients can tell. */
export class FakeEpochs {
  stored: FakeEpoch[] = [];
  readonly #parts = new Map<string, Uint8Array[]>();

  get newest(): FakeEpoch | undefined {
    return this.stored.at(-1);
  }

  part({ bodyHash, part, bytes }: RequestBody<'wraps'>): void {
    const parts = this.#parts.get(toHex(bodyHash)) ?? [];
    parts[part] = bytes;
    this.#parts.set(toHex(bodyHash), parts);
  }

  async commit(room: EpochRoom, user: UserId, record: Uint8Array): Promise<FakeEpoch | 'known' | Refusal> {
    const parsed = parseEpochRecord(record);
    if (!parsed.ok) return refuse('bad_request', { message: parsed.reason });
    const { body, bodyBytes } = parsed.record;
    if (this.stored.some((epoch) => sameBytes(epoch.record, record))) return 'known';
    if (body.rosterVersion < room.floor) return refuse('stale_roster', { version: room.version });
    const conflict = this.#conflict(room, body);
    if (conflict !== undefined) {
      const own = this.#own(conflict, user);
      return refuse('conflict', own === undefined ? {} : { epoch: own });
    }
    const members = room.members(body.rosterVersion).map((member) => member.user);
    const bodyHash = createHash('sha256').update(bodyBytes).digest('hex');
    const wraps = splitEpochWraps(
      body.keying,
      concatBytes(...(this.#parts.get(bodyHash) ?? [])),
      members.length,
    );
    if (wraps === undefined) return refuse('wraps_missing');
    const named = members.flatMap((member, i) => {
      const bytes = wraps[i];
      return bytes === undefined ? [] : [{ user: member, bytes }];
    });
    const tree = await wrapTree(named);
    const copies = new Map<UserId, { readonly wrap: Uint8Array; readonly path: Uint8Array }>();
    for (const [i, { user: member, bytes }] of named.entries())
      copies.set(member, { wrap: bytes, path: await tree.pathOf(i) });
    // Another may have been stored while the tree was made.
    if (this.#conflict(room, body) !== undefined) return this.commit(room, user, record);
    const epoch = { body, record, copies, at: Date.now() };
    this.stored.push(epoch);
    return epoch;
  }

  page(user: UserId, { after, limit }: RequestBody<'epochs'>): ReplyBody<'epochs'> {
    const rest = this.stored.filter(({ body }) => body.number > after);
    const own = rest.flatMap((epoch) => this.#own(epoch, user) ?? []);
    return { epochs: own.slice(0, limit), more: own.length > limit };
  }

  #own({ body, record, copies }: FakeEpoch, user: UserId): OwnEpoch | undefined {
    const copy = copies.get(user);
    return copy === undefined ? undefined : { number: body.number, record, ...copy };
  }

  ownOf(epoch: FakeEpoch, user: UserId): OwnEpoch | undefined {
    return this.#own(epoch, user);
  }

  #conflict(
    room: EpochRoom,
    { number, recipients, passwordNumber, previousHash, reason }: EpochBody,
  ): FakeEpoch | undefined {
    const { newest } = this;
    if (newest === undefined) return undefined;
    if (number <= newest.body.number) return this.stored.find(({ body }) => body.number === number) ?? newest;
    if (number > newest.body.number + 1) return undefined;
    if (!sameBytes(previousHash, createHash('sha256').update(newest.record).digest())) return newest;
    const isAsGood =
      reason !== 'repair' &&
      sameBytes(newest.body.recipients, recipients) &&
      newest.body.passwordNumber === passwordNumber &&
      Date.now() - newest.at < EPOCH_AGE_MS &&
      newest.body.rosterVersion >= room.floor;
    return isAsGood ? newest : undefined;
  }
}
