import { sameBytes } from '../../../src/protocol/bytes.ts';
import { fingerprintBytes } from '../../../src/protocol/ids.ts';
import type { Recipient } from '../../../src/protocol/layouts/message-inputs.ts';
import { HASH_BYTES } from '../../../src/protocol/limits.ts';
import { bytes, map, uint } from '../../../src/protocol/shape.ts';
import { getRecord, packRecord, parseRecord } from '../storage/records.ts';
import type { StateStore } from '../storage/state-store.ts';

/** `prekey-weeks/USER-ID`: the highest week of a prekey that was seen of a user, and the keys that it belonged to. */
const prekeyWeekRecord = map({ fingerprint: bytes(HASH_BYTES), week: uint() });

/** What a profile remembers of the prekeys of others, so that one that vanishes is noticed. */
export class PrekeyWeeks {
  readonly #state: StateStore;

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** A prekey by the present keys of the member was seen before. */
  async had({ user, fingerprint }: Recipient): Promise<boolean> {
    const known = await getRecord(this.#state, 'prekey-weeks', user, prekeyWeekRecord);
    return known !== undefined && sameBytes(known.fingerprint, fingerprintBytes(fingerprint));
  }

  async saw({ user, fingerprint: of }: Recipient, week: number): Promise<void> {
    const fingerprint = fingerprintBytes(of);
    const isKnown = (stored: Uint8Array | undefined): boolean => {
      const known = parseRecord(prekeyWeekRecord, stored);
      return known !== undefined && sameBytes(known.fingerprint, fingerprint) && known.week >= week;
    };
    if (isKnown(await this.#state.get('prekey-weeks', user))) return;
    await this.#state.update('prekey-weeks', user, (stored) =>
      isKnown(stored)
        ? { result: undefined }
        : { value: packRecord(prekeyWeekRecord, { fingerprint, week }), result: undefined },
    );
  }
}
