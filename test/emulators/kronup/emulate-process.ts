// An emulator as a process of its own: `node emulate-process.ts STATE_FILE` prints where it is as one line of JSON.

import { startKronupEmulator } from '../../../src/emulators/kronup/emulator.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemRandom } from '../../../src/system/random.ts';

const [statePath = ''] = process.argv.slice(2);
const emulator = await startKronupEmulator({ clock: systemClock(), random: systemRandom(), statePath });
const { url, accounts, manager } = emulator;
const started = { url, accountId: accounts[0]?.id, token: manager.token.reveal() };
process.stdout.write(`${JSON.stringify(started)}\n`);
