/**
 * npx tsx bench/history-pages.ts --help
 * What MongoDB writes for a message and reads for a page of history, by the number of members and the schema.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { BSON, MongoClient } from 'mongodb';
import { loadNow } from '../loadtest/native/process-accounting.ts';
import { openMongo } from '../src/adapters/mongo/open-mongo.ts';
import { SCHEMA_NUMBER } from '../src/adapters/mongo/schema.ts';
import type { StoreBackend } from '../src/ports/backend.ts';
import type { NewMessage } from '../src/ports/message-store.ts';
import {
  ID_BYTES,
  idBytes,
  parseMessageId,
  parseRoomId,
  parseUserId,
  type RoomId,
  type UserId,
} from '../src/protocol/ids.ts';
import { WRAP_BYTES } from '../src/protocol/limits.ts';
import { mongoName, startMongoServer } from '../test/support/services/mongo-server.ts';
import { silentTelemetry } from './silent-telemetry.ts';
import { quantile } from './support/median.ts';

const usage = `Stores messages one after the other and reads them as one page, through the adapter of MongoDB, in turns with
each schema.
  --members LIST   (50,200,1000)
  --suite N        of the room (1); in suite 2 there are no wraps
  --schemas LIST   (2,${SCHEMA_NUMBER})
  --messages N     of a page (100)
  --rounds N       (3)`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    members: { type: 'string', default: '50,200,1000' },
    suite: { type: 'string', default: '1' },
    schemas: { type: 'string', default: `2,${SCHEMA_NUMBER}` },
    messages: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
  },
});
const numbers = (list: string): readonly number[] => list.split(',').map(Number);
const messagesPerPage = Number(values.messages);
const hasEpochs = values.suite === '2';
/** Those of layout 3 take so many. */
const HEADER_BYTES = hasEpochs ? 337 : 200;
/** A stand-in stops now and then. */
const TIMEOUT_MS = 30_000;
const PAGES = 10;
const NO_BYTES = new Uint8Array(0);

interface Measured {
  readonly appendMs: number[];
  readonly pageMs: number[];
  documents: number;
  writtenBytes: number;
  readBytes: number;
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** A random id of the kind that `parse` knows. */
function anyId<Id>(parse: (bytes: Uint8Array) => Id | undefined): Id {
  const id = parse(new Uint8Array(randomBytes(ID_BYTES)));
  if (id === undefined) throw new TypeError('random bytes are an id');
  return id;
}

/** Of 528 bytes of ciphertext. */
function messageTo(to: readonly UserId[], room: RoomId, seq: number): NewMessage {
  const expiresAt = Date.now() + 86_400_000;
  return {
    ...{ room, seq, at: Date.now(), expiresAt, sender: anyId(parseUserId), messageId: anyId(parseMessageId) },
    ...{ header: randomBytes(HEADER_BYTES), headerHash: randomBytes(32), ciphertext: randomBytes(528) },
    ...(hasEpochs ? { recipients: NO_BYTES, wraps: NO_BYTES, epochVersion: 1 } : wrapsFor(to)),
  };
}

function wrapsFor(to: readonly UserId[]): Pick<NewMessage, 'recipients' | 'wraps'> {
  return {
    recipients: Buffer.concat(to.map(idBytes)),
    wraps: randomBytes(to.length * WRAP_BYTES),
  };
}

/** One room, filled and read. */
async function measure(
  { messages }: StoreBackend,
  client: MongoClient,
  count: number,
  into: Measured,
): Promise<void> {
  const room = anyId(parseRoomId);
  const to = Array.from({ length: count }, () => anyId(parseUserId)).sort();
  const reader = to[0] ?? anyId(parseUserId);
  for (let seq = 1; seq <= messagesPerPage; seq += 1) {
    const message = messageTo(to, room, seq);
    into.appendMs.push(await ms(() => messages.append([message])));
  }
  const bounds = { after: 0, through: messagesPerPage, order: 'ascending', limit: messagesPerPage } as const;
  for (let page = 0; page < PAGES; page += 1)
    into.pageMs.push(
      await ms(async () => {
        const rows = await messages.page(room, reader, bounds);
        if (rows.filter(({ kind }) => kind === 'own').length !== messagesPerPage)
          throw new Error('a page lacks messages');
      }),
    );
  Object.assign(into, await documentsOf(client, idBytes(room), reader));
}

/** Sizes of what the room has stored, and of those documents among it that a page selects. */
async function documentsOf(client: MongoClient, room: Uint8Array, reader: UserId) {
  interface Stored {
    readonly room: Uint8Array;
    readonly copies?: object;
  }
  const all = await client.db().collection<Stored>('messages').find().toArray();
  const isOf = ({ room: key }: Stored) => Buffer.from(room).equals(key.subarray(0, room.length));
  const stored = all.filter((each) => isOf(each) && each.room.length === room.length);
  const chunks = all.filter((each) => isOf(each) && each.room.length > room.length);
  const sum = (documents: readonly object[]) =>
    documents.reduce((total: number, each) => total + BSON.calculateObjectSize(each), 0);
  return {
    documents: (stored.length + chunks.length) / messagesPerPage,
    writtenBytes: (sum(stored) + sum(chunks)) / messagesPerPage,
    readBytes: sum(stored) + sum(chunks.filter(({ copies = {} }) => reader in copies)),
  };
}

async function main(): Promise<void> {
  await using server = await startMongoServer();
  console.log(`${mongoName()}, ${messagesPerPage} messages a page`);
  const measured = new Map<string, Measured>();
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const members of numbers(values.members))
      for (const schema of numbers(values.schemas)) {
        const url = `${server.url}/pages-${round}-${members}-${schema}`;
        const store = openMongo({ url, timeoutMs: TIMEOUT_MS, telemetry: silentTelemetry() });
        await using client = new MongoClient(url, { promoteBuffers: true });
        const schemas = client.db().collection<{ _id: string; number: number }>('meta');
        await schemas.insertOne({ _id: 'schema', number: schema });
        await store.start();
        const key = `${members} members, schema ${schema}`;
        const into = measured.get(key) ?? {
          appendMs: [],
          pageMs: [],
          documents: 0,
          writtenBytes: 0,
          readBytes: 0,
        };
        measured.set(key, into);
        await measure(store, client, members, into);
        await store.close();
        await client.db().dropDatabase();
      }
  console.log(`${''.padEnd(28)}append ms p50   p90  documents  written KB  page read KB  page ms p50   p90`);
  for (const [key, { appendMs, pageMs, documents, writtenBytes, readBytes }] of measured) {
    const told = [
      quantile(appendMs, 0.5).toFixed(1).padStart(13),
      quantile(appendMs, 0.9).toFixed(1).padStart(6),
      documents.toFixed(0).padStart(11),
      (writtenBytes / 1000).toFixed(1).padStart(12),
      (readBytes / 1000).toFixed(0).padStart(14),
      quantile(pageMs, 0.5).toFixed(1).padStart(13),
      quantile(pageMs, 0.9).toFixed(1).padStart(6),
    ];
    console.log(key.padEnd(28) + told.join(''));
  }
  console.log(`load ${loadNow()}`);
}

if (values.help) console.log(usage);
else await main();
