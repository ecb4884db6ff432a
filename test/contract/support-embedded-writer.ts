import { openEmbeddedStores } from '../../src/adapters/embedded/open-embedded-stores.ts';
import { StartRefused } from '../../src/ports/backend.ts';
import { parseRoomId } from '../../src/protocol/ids.ts';
import { anyMessage } from './support-store.ts';
import { silentTelemetry } from './support-store-telemetry.ts';

/** The process behind StoreWriter: arguments are the data directory and the room. */

const BATCH = 8;

const [dataDir, roomText] = process.argv.slice(2);
const room = parseRoomId(roomText);
if (dataDir === undefined || room === undefined) throw new TypeError('expected DATA_DIR ROOM');

const stores = openEmbeddedStores({ dataDir, telemetry: silentTelemetry() });
try {
  await stores.start();
} catch (error) {
  if (!(error instanceof StartRefused)) throw error;
  process.stdout.write(`refused ${error.reason}\n`);
  process.exit(3);
}
process.stdout.write('ready\n');
for (let first = 1; ; first += BATCH) {
  const positions = Array.from({ length: BATCH }, (_, index) => first + index);
  await Promise.all(
    positions.map(async (seq) => {
      const [outcome] = await stores.messages.append([
        anyMessage({ room, seq, ciphertext: new Uint8Array(4096) }),
      ]);
      if (outcome?.kind === 'stored') process.stdout.write(`${seq}\n`);
    }),
  );
}
