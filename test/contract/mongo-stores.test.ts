import { afterAll, beforeAll } from 'vitest';
import { SCHEMA_NUMBER } from '../../src/adapters/mongo/schema.ts';
import { backupStoreContract } from './backup-store-contract.ts';
import { contactStoreContract } from './contact-store-contract.ts';
import { epochStoreContract } from './epoch-store-contract.ts';
import { fileStoreContract } from './file-store-contract.ts';
import { identityStoreContract } from './identity-store-contract.ts';
import { inviteStoreContract } from './invite-store-contract.ts';
import { linkStoreContract } from './link-store-contract.ts';
import { messageStoreContract } from './message-store-contract.ts';
import { prekeyStoreContract } from './prekey-store-contract.ts';
import { readyMarksContract } from './ready-marks-contract.ts';
import { roomStoreContract } from './room-store-contract.ts';
import { secretStoreContract } from './secret-store-contract.ts';
import type { OpenStores } from './support-store.ts';
import { openMongoPair, sharedMongo } from './support-store-mongo.ts';

/** Their appends and spans are those of the newest, or race in mongo-schema.test.ts. */
const OLD_FORM_RACES = 100;

let mongo: Awaited<ReturnType<typeof sharedMongo>>;
beforeAll(async () => {
  mongo = await sharedMongo();
});
afterAll(async () => {
  await mongo[Symbol.asyncDispose]();
});
const open: OpenStores = (limits) => openMongoPair(mongo.url, SCHEMA_NUMBER, limits);

identityStoreContract('MongoDB', open);
secretStoreContract('MongoDB', open);
inviteStoreContract('MongoDB', open);
roomStoreContract('MongoDB', open);
messageStoreContract('MongoDB', open);
messageStoreContract('MongoDB with schema 2', () => openMongoPair(mongo.url, 2), { races: OLD_FORM_RACES });
messageStoreContract('MongoDB with schema 1', () => openMongoPair(mongo.url, 1), {
  races: OLD_FORM_RACES,
  spansAreRows: false,
});
epochStoreContract('MongoDB', open);
prekeyStoreContract('MongoDB', open);
fileStoreContract('MongoDB', open);
backupStoreContract('MongoDB', open);
linkStoreContract('MongoDB', open);
contactStoreContract('MongoDB', open);
readyMarksContract('MongoDB', open);
