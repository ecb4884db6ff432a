import { map, uint } from '../../../src/protocol/shape.ts';
import { localError } from '../errors.ts';
import { packPerson, parsePerson } from '../people/person-record.ts';
import { getRecord, putRecord } from './records.ts';
import type { StateStore } from './state-store.ts';

/**
 * What the records of a profile mean. 1: no version record. 2: a person's keys are one chain of signatures, and a verified mark names
 * the key that was compared. 3: pins of rooms name the suite, and there are epochs; releases that know of versions and not of suites would
 * forget the pin when they write, so they are kept out.
 */
export const STATE_VERSION = 3;

/** `meta/version` */
const versionRecord = map({ version: uint() });

export async function stateVersion(state: StateStore): Promise<number | undefined> {
  return (await getRecord(state, 'meta', 'version', versionRecord))?.version;
}

/**
 * Brings the records of an earlier release to the present form; `keepCopy` is called before the first change of a state that is in
 * use. Rejects with `no_profile` for a state of a newer release. Cut short at any point, it is done again at the next start.
 */
export async function migrateState(state: StateStore, keepCopy: () => Promise<void>): Promise<void> {
  const version = await stateVersion(state);
  if (version === STATE_VERSION) return;
  if (version !== undefined && version > STATE_VERSION) throw localError('no_profile', 'profile_newer');
  const people = await state.list('people');
  if (people.length > 0) await keepCopy();
  for (const { key } of people)
    await state.update('people', key, (stored) => {
      const person = parsePerson(stored);
      return person === undefined ? { result: undefined } : { value: packPerson(person), result: undefined };
    });
  await putRecord(state, 'meta', 'version', versionRecord, { version: STATE_VERSION });
}
