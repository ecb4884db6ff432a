import { expect, test } from 'vitest';
import { newAccountKeys } from '../people/own-account.ts';
import { packContent, type TravellingRecord } from '../storage/account-content.ts';
import { fittingContent } from './fitting-content.ts';

type Table = TravellingRecord['table'];

const everyTable: Readonly<Record<Table, Table>> = {
  ...{ session: 'session', people: 'people', names: 'names', rooms: 'rooms', 'room-names': 'room-names' },
  ...{ reads: 'reads', secrets: 'secrets', 'key-ends': 'key-ends', rosters: 'rosters', epochs: 'epochs' },
  'prekey-weeks': 'prekey-weeks',
};
const tables = Object.values(everyTable).toSorted();

test('what fits of an account is of every table, and first without lists of members', async () => {
  const account = await newAccountKeys('Ada');
  const records = tables.map((table) => ({ table, key: 'me', value: new Uint8Array(1_000) }));
  const whole = packContent({ account, records }).length;
  const within = (bytesMax: number): readonly Table[] =>
    fittingContent({ account, records }, 0, bytesMax)
      .records.map(({ table }) => table)
      .toSorted();
  expect(within(whole + 1_000)).toEqual(tables);
  expect(within(whole - 500)).toEqual(tables.filter((table) => table !== 'rosters'));
});
