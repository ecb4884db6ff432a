import { messageStoreContract } from './message-store-contract.ts';
import { openMongoPair, withMongo } from './support-store-mongo.ts';

const mongo = withMongo();

messageStoreContract('MongoDB', () => openMongoPair(mongo.url));
