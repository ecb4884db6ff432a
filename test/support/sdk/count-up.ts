import { openLmdbEnvironment } from '../../../client/profile/lmdb-environment.ts';
import { utf8 } from '../../../src/protocol/bytes.ts';

/** Counts one record up, so many times, and tells its parent each number that was acknowledged. */
const [path = '', dataKey = '', times = '0'] = process.argv.slice(2);

const environment = await openLmdbEnvironment(path, Buffer.from(dataKey, 'hex'));
for (let i = 0; i < Number(times); i += 1) {
  const counted = await environment.state.update('reads', 'counter', (current) => {
    const next = Number(current === undefined ? 0 : new TextDecoder().decode(current)) + 1;
    return { value: utf8(String(next)), result: next };
  });
  process.send?.(counted);
}
await environment.close();
process.disconnect();
