import { Profile } from '../../../client/profile/profile.ts';
import { parseUserName } from '../../../src/protocol/names.ts';
import { parseOrigin } from '../../../src/protocol/origin.ts';

/** Opens an account without a passphrase, and closes it again. */
const [directory = '', server = '', user = ''] = process.argv.slice(2);

const [origin, name] = [parseOrigin(server), parseUserName(user)];
if (origin === undefined || name === undefined) throw new TypeError('an address and a name are needed');
const account = await new Profile(directory).open(origin, name, undefined);
await account.state.list('chat');
await account.close();
