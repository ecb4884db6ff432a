import { openLmdbEnvironment } from '../../../client/profile/lmdb-environment.ts';
import { countUp } from './counter.ts';

/** Counts one record up, so many times, and tells its parent each number that was acknowledged. */
const [path = '', dataKey = '', times = '0'] = process.argv.slice(2);

const environment = await openLmdbEnvironment(path, Buffer.from(dataKey, 'hex'));
for (let i = 0; i < Number(times); i += 1) {
  process.send?.(await countUp(environment.state));
}
await environment.close();
process.disconnect();
