import { randomBytes } from 'node:crypto';
import { openLmdbEnvironment } from '../../../client/profile/lmdb-environment.ts';

/** Takes the writer lock of a state file, tells its parent, and never lets go. */
const [path = ''] = process.argv.slice(2);

const environment = await openLmdbEnvironment(path, randomBytes(32));
await environment.exclusively(() => {
  process.send?.('held');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
