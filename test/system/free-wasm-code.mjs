// Lets V8 free WebAssembly code, with and without having started a thread from a file beside the module that is given.
import { startThread } from '../../src/system/thread.ts';

const [moduleUrl] = process.argv.slice(2);
if (moduleUrl !== undefined) {
  const thread = startThread('no-such-file', moduleUrl);
  thread.on('error', () => undefined);
  await thread.terminate();
}

// (module (import "m" "f" (func)) (func (export "r") (call 0)))
const BYTES = [
  [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  [0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  [0x02, 0x07, 0x01, 0x01, 0x6d, 0x01, 0x66, 0x00, 0x00],
  [0x03, 0x02, 0x01, 0x00],
  [0x07, 0x05, 0x01, 0x01, 0x72, 0x00, 0x01],
  [0x0a, 0x06, 0x01, 0x04, 0x00, 0x10, 0x00, 0x0b],
];

function callOften() {
  const module = new WebAssembly.Module(new Uint8Array(BYTES.flat()));
  const { r } = new WebAssembly.Instance(module, { m: { f: () => undefined } }).exports;
  for (let call = 0; call < 10; call++) r();
}

for (let round = 0; round < 10; round++) {
  callOften();
  await new Promise((resolve) => setImmediate(resolve));
  gc({ type: 'major' });
}
