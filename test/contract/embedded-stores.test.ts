import { epochStoreContract } from './epoch-store-contract.ts';
import { fileStoreContract } from './file-store-contract.ts';
import { identityStoreContract } from './identity-store-contract.ts';
import { inviteStoreContract } from './invite-store-contract.ts';
import { messageStoreContract } from './message-store-contract.ts';
import { prekeyStoreContract } from './prekey-store-contract.ts';
import { roomStoreContract } from './room-store-contract.ts';
import { secretStoreContract } from './secret-store-contract.ts';
import { openEmbeddedPair } from './support-store-embedded.ts';

identityStoreContract('LMDB', openEmbeddedPair);
secretStoreContract('LMDB', openEmbeddedPair);
inviteStoreContract('LMDB', openEmbeddedPair);
roomStoreContract('LMDB', openEmbeddedPair);
messageStoreContract('LMDB', openEmbeddedPair);
epochStoreContract('LMDB', openEmbeddedPair);
prekeyStoreContract('LMDB', openEmbeddedPair);
fileStoreContract('the data directory', openEmbeddedPair);
