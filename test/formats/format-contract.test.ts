import { FORMATS } from '../../src/formats/registry.ts';
import { formatContract } from '../contract/format-contract.ts';

formatContract(FORMATS);
