import { messageStoreContract } from '../contract/message-store-contract.ts';
import { openMongoPair, withMongo } from '../contract/support-store-mongo.ts';

const mongo = withMongo();

messageStoreContract('MongoDB with schema 1', () => openMongoPair(mongo.url, 1), {
  races: 1_000,
  spansAreRows: false,
});
