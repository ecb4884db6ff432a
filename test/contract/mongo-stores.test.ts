import { SCHEMA_NUMBER } from '../../src/adapters/mongo/schema.ts';
import { backupStoreContract } from './backup-store-contract.ts';
import { contactStoreContract } from './contact-store-contract.ts';
import { epochStoreContract } from './epoch-store-contract.ts';
import { fileStoreContract } from './file-store-contract.ts';
import { identityStoreContract } from './identity-store-contract.ts';
import { inviteStoreContract } from './invite-store-contract.ts';
import { linkStoreContract } from './link-store-contract.ts';
import { prekeyStoreContract } from './prekey-store-contract.ts';
import { readyMarksContract } from './ready-marks-contract.ts';
import { roomStoreContract } from './room-store-contract.ts';
import { secretStoreContract } from './secret-store-contract.ts';
import type { OpenStores } from './support-store.ts';
import { openMongoPair, withMongo } from './support-store-mongo.ts';

const mongo = withMongo();
const open: OpenStores = (limits) => openMongoPair(mongo.url, SCHEMA_NUMBER, limits);

identityStoreContract('MongoDB', open);
secretStoreContract('MongoDB', open);
inviteStoreContract('MongoDB', open);
roomStoreContract('MongoDB', open);
epochStoreContract('MongoDB', open);
prekeyStoreContract('MongoDB', open);
fileStoreContract('MongoDB', open);
backupStoreContract('MongoDB', open);
linkStoreContract('MongoDB', open);
contactStoreContract('MongoDB', open);
readyMarksContract('MongoDB', open);
