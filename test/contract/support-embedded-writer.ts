import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { StartRefused } from '../../src/ports/backend.ts';
import { Unavailable } from '../../src/ports/unavailable.ts';
import { parseRoomId } from '../../src/protocol/ids.ts';
import { silentTelemetry } from '../support/ports/silent-telemetry.ts';
import { anyMessage } from './support-store.ts';

/** The process behind StoreWriter: arguments are the data directory and the room. It ends when the store refuses. */

const BATCH = 8;

const [dataDir, roomText] = process.argv.slice(2);
const room = parseRoomId(roomText);
if (dataDir === undefined || room === undefined) throw new TypeError('expected DATA_DIR ROOM');
const say = (line: string | number): void => {
  process.stdout.write(`${line}\n`);
};

const stores = openEmbeddedStores({ dataDir, telemetry: silentTelemetry() });
try {
  await stores.start();
} catch (error) {
  if (!(error instanceof StartRefused)) throw error;
  say(`refused ${error.reason}`);
  process.exit(3);
}
say('ready');
for (let first = 1; stores.isUp(); first += BATCH) {
  const positions = Array.from({ length: BATCH }, (_, index) => first + index);
  await Promise.all(
    positions.map(async (seq) => {
      const message = anyMessage({ room, seq, ciphertext: new Uint8Array(4096) });
      try {
        await stores.messages.append([message]);
        say(seq);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
      }
    }),
  );
}
say('unavailable');
await stores.close();
say('closed');
