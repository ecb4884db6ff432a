import { messageStoreContract } from '../contract/message-store-contract.ts';
import { openMongoPair, withMongo } from '../contract/support-store-mongo.ts';

/** Their appends and spans are those of the newest, or race in test/contract/mongo-schema.test.ts. */
const OLD_FORM_RACES = 100;

const mongo = withMongo();

messageStoreContract('MongoDB with schema 2', () => openMongoPair(mongo.url, 2), { races: OLD_FORM_RACES });
messageStoreContract('MongoDB with schema 1', () => openMongoPair(mongo.url, 1), {
  races: OLD_FORM_RACES,
  spansAreRows: false,
});
