// The contract of every consumer, against a real server that is called.

import { consumerContract } from '../../contract/consumer-contract.ts';
import { openConsumers } from '../open.ts';
import { answerWith, startReceiver } from './receiver.ts';

const KEY = `whsec_${Buffer.from('a-key-of-thirty-two-bytes-length').toString('base64')}`;

consumerContract('a webhook', async () => {
  const receiver = await startReceiver();
  const connection = await openConsumers({
    kind: 'webhook',
    name: 'deploys',
    config: { url: `${receiver.url}/hooks/rekeyd?room=1`, signingKey: { env: 'KEY' } },
    environment: { KEY },
  });
  let isBroken = false;
  return {
    connection,
    step: { does: 'webhook', address: 'deploys' },
    // Whoever is called tells the same event by its id.
    effects: () =>
      Promise.resolve(
        isBroken ? 0 : new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size,
      ),
    breaks: {
      unavailable: async () => await receiver[Symbol.asyncDispose](),
      denied: () => {
        isBroken = true;
        receiver.answer(answerWith(403, `the key ${KEY} is not known`));
        return Promise.resolve();
      },
      missing: () => {
        isBroken = true;
        receiver.answer(answerWith(404));
        return Promise.resolve();
      },
    },
    secret: KEY,
    cleanup: async () => {
      await connection[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
});
