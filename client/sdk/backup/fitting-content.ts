import { foldName } from '../../../src/protocol/names.ts';
import { parsePerson } from '../people/person-record.ts';
import { type AccountContent, packContent, type TravellingRecord } from '../storage/account-content.ts';

/** What MessagePack puts around a record's table, key and value, at most. */
const RECORD_BYTES = 40;

/** Tables in the order in which there is room for them; people, with their names, come before the last of them. */
const FIRST = ['session', 'secrets', 'room-names', 'rooms', 'reads', 'key-ends'] as const;
const LAST = ['names', 'prekey-weeks', 'epochs', 'rosters'] as const;

/**
 * As much of an account as a backup of this size has room for: always the keys, verified people before others. People who are left out
 * are counted, and are strangers again after a restore.
 */
export function fittingContent(
  { account, records }: AccountContent,
  madeAt: number,
  bytesMax: number,
): AccountContent {
  const whole = { account, records: [], madeAt, peopleLeftOut: Number.MAX_SAFE_INTEGER };
  let bytesLeft = bytesMax - packContent(whole).length;
  const kept: TravellingRecord[] = [];
  const keep = (together: readonly TravellingRecord[]): boolean => {
    const bytes = together.reduce((sum, record) => sum + sizeOf(record), 0);
    if (bytes > bytesLeft) return false;
    bytesLeft -= bytes;
    kept.push(...together);
    return true;
  };
  const inTables = (tables: readonly TravellingRecord['table'][]): readonly TravellingRecord[] =>
    tables.flatMap((wanted) => records.filter(({ table }) => table === wanted));
  for (const record of inTables(FIRST)) keep([record]);
  const left = peopleWithNames(records).filter((together) => !keep(together));
  const done = new Set([...kept, ...left.flat()]);
  for (const record of inTables(LAST)) if (!done.has(record)) keep([record]);
  return { account, records: kept, madeAt, peopleLeftOut: left.length };
}

/** A record of a person without that of the name would be a changed name. Verified people first. */
function peopleWithNames(records: readonly TravellingRecord[]): readonly (readonly TravellingRecord[])[] {
  const names = new Map(
    records.flatMap((record) => (record.table === 'names' ? [[record.key, record] as const] : [])),
  );
  const people = records
    .filter(({ table }) => table === 'people')
    .map((record) => {
      const person = parsePerson(record.value);
      const name = person === undefined ? undefined : names.get(foldName(person.name));
      const isCompared = person?.compared !== undefined || person?.comparedBefore === true;
      return { isCompared, together: name === undefined ? [record] : [record, name] };
    });
  return [
    ...people.filter(({ isCompared }) => isCompared),
    ...people.filter(({ isCompared }) => !isCompared),
  ].map(({ together }) => together);
}

function sizeOf({ table, key, value }: TravellingRecord): number {
  return RECORD_BYTES + table.length + key.length + value.length;
}
