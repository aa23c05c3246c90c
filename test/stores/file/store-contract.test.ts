import { storeContract } from '../../contract/store-contract.ts';
import { makeFileWorld } from './file-world.ts';

storeContract('file', makeFileWorld);
