import { messageStoreContract } from '../contract/message-store-contract.ts';
import { openMongoPair, withMongo } from '../contract/support-store-mongo.ts';

/** Its appends and spans are those of the newest, or race in test/contract/mongo-schema.test.ts. */
const OLD_FORM_RACES = 100;

const mongo = withMongo();

messageStoreContract('MongoDB with schema 2', () => openMongoPair(mongo.url, 2), { races: OLD_FORM_RACES });
