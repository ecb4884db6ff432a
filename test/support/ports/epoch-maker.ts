import { createHash, randomBytes } from 'node:crypto';
import { wrapTree } from '../../../client/crypto/epochs/wrap-tree.ts';
import type { IdentityKeys } from '../../../client/crypto/identity-keys.ts';
import { ed25519Sign } from '../../../client/crypto/web-crypto.ts';
import type { Caller } from '../../../src/core/caller.ts';
import type { RoomRecord } from '../../../src/domain/roster.ts';
import type { Refusal } from '../../../src/protocol/error-reply.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { epochSignatureInput } from '../../../src/protocol/layouts/epoch-inputs.ts';
import {
  type EpochBody,
  encodeEpochBody,
  joinEpochRecord,
} from '../../../src/protocol/layouts/epoch-record.ts';
import type { MessageEpoch, MessageHeader } from '../../../src/protocol/layouts/message-header.ts';
import { WRAP_BYTES } from '../../../src/protocol/limits.ts';
import type { ReplyBody, RequestBody } from '../../../src/protocol/requests.ts';
import { callerOf, type KeyedPerson } from './keyed-person.ts';
import type { ServiceNode } from './service-world.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

/** An epoch that the server takes, though nobody could open its wraps. */
export interface PreparedEpoch {
  readonly body: EpochBody;
  readonly record: Uint8Array;
  readonly recordHash: Uint8Array;
  readonly bodyHash: Uint8Array;
  /** All wraps, ascending by user id. */
  readonly wraps: Uint8Array;
}

/** What an epoch needs to know of its room. */
type RoomState = Pick<RoomRecord, 'room' | 'version' | 'password'> & {
  /** Ascending by user id. */
  readonly members: readonly { readonly user: UserId }[];
};

/** Of which a next one is made. */
type Before = Pick<PreparedEpoch, 'recordHash'> & { readonly body: Pick<EpochBody, 'number'> };

/** The one after `before`, for the room as it is. */
export async function prepareEpoch(
  { user: committer, keys }: { readonly user: UserId; readonly keys: IdentityKeys },
  state: RoomState,
  before?: Before,
  change: Partial<EpochBody> = {},
): Promise<PreparedEpoch> {
  const users = state.members.map(({ user }) => user);
  const body: EpochBody = {
    room: state.room,
    number: (before?.body.number ?? 0) + 1,
    rosterVersion: state.version,
    recipients: sha256(Buffer.from(users.join())),
    passwordNumber: state.password.number,
    keying: 1,
    committer,
    committerFingerprint: keys.fingerprint,
    previousHash: before?.recordHash ?? new Uint8Array(0),
    commitment: new Uint8Array(randomBytes(32)),
    reason: 'membership',
    madeAt: 1,
    ...change,
  };
  const bodyBytes = encodeEpochBody(body);
  const bodyHash = sha256(bodyBytes);
  const wraps = users.map((user) => ({ user, bytes: new Uint8Array(randomBytes(WRAP_BYTES)) }));
  const { root } = await wrapTree(wraps);
  const signature = await ed25519Sign(keys.ed25519Sign, epochSignatureInput(bodyHash, root));
  const record = joinEpochRecord({ bodyBytes, root, signature });
  return {
    ...{ body, record, bodyHash, recordHash: sha256(record) },
    wraps: Buffer.concat(wraps.map(({ bytes }) => bytes)),
  };
}

/** Somebody with keys who makes epochs. */
export class EpochMaker {
  readonly caller: Caller;
  readonly #person: KeyedPerson;

  constructor(person: KeyedPerson, caller: Caller) {
    this.#person = person;
    this.caller = caller;
  }

  static async login(node: ServiceNode, person: KeyedPerson, session: string): Promise<EpochMaker> {
    return new EpochMaker(person, callerOf(await person.login(node.core), session));
  }

  prepare(room: RoomState, before?: Before, change: Partial<EpochBody> = {}): Promise<PreparedEpoch> {
    const { user } = this.caller;
    return prepareEpoch({ user, keys: this.#person.keys }, room, before, change);
  }

  /** The wraps, in parts of so many bytes, then the record. */
  async commit(
    node: Pick<ServiceNode, 'requests'>,
    { body: { room }, bodyHash, wraps, record }: PreparedEpoch,
    partBytes = 256 * 1024,
  ): Promise<ReplyBody<'epoch'> | Refusal> {
    for (let part = 0; part * partBytes < wraps.length; part += 1) {
      const bytes = wraps.subarray(part * partBytes, (part + 1) * partBytes);
      const outcome = await node.requests.wraps(this.caller, { room, bodyHash, part, bytes });
      if ('refused' in outcome) return outcome;
    }
    return node.requests.epoch(this.caller, { room, record });
  }
}

/** What makes a message one that is sealed under an epoch. */
export function under({ body, recordHash }: PreparedEpoch): Partial<MessageHeader> {
  const { number, rosterVersion, recipients, passwordNumber } = body;
  const epoch: MessageEpoch = { number, recordHash, salt: new Uint8Array(randomBytes(32)) };
  const seen = { position: 0, headerHash: new Uint8Array(0) };
  return { rosterVersion, recipients, passwordNumber, seen, epoch };
}

/** As PreparedSends makes them for suite 1. */
export function withoutWraps(
  body: RequestBody<'send'>,
  { body: { rosterVersion } }: PreparedEpoch,
): RequestBody<'send'> {
  return { ...body, version: rosterVersion, wraps: new Uint8Array(0) };
}
