import { Profile } from '../../../client/profile/profile.ts';
import { newAccountKeys } from '../../../client/sdk/index.ts';
import { parseUserName } from '../../../src/protocol/names.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';

/** Writes key files under new names, and makes each the default, for as long as it lives; tells each that was written. */
const [directory = '', address = ''] = process.argv.slice(2);

const origin = parseOrigin(address);
if (origin === undefined) throw new TypeError('an address is needed');
const profile = new Profile(directory);
const { identities } = await newAccountKeys('Ada');
for (let number = 0; ; number += 1) {
  const name = parseUserName(`user${number}`);
  if (name === undefined) throw new TypeError('a number makes a name');
  await profile.create(origin, { name, identities }, undefined);
  await profile.use(origin, name);
  process.send?.(name);
}
