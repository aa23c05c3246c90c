// Loaded before the program by a test (`node --import`): at SIGUSR2 it fails as a library might, with an error that carries what
// the environment says in CRASH_WITH: `{ "how", "jwt", "opaque" }`.

import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env.CRASH_WITH !== undefined) {
  const { how, jwt, opaque } = JSON.parse(process.env.CRASH_WITH);
  const error = new Error(`401 for Authorization: Bearer ${jwt} and ${opaque}`, {
    cause: new AggregateError([new TypeError(`invalid header ${opaque}`)], `all failed: ${jwt}`),
  });
  error.request = { headers: { authorization: `Bearer ${jwt}`, 'x-api-key': opaque }, body: opaque };
  error.options = { headers: ['authorization', jwt] };
  const ways = {
    'an error that is thrown': () => {
      throw error;
    },
    'a rejection that nobody handles': () => void Promise.reject(error),
    // Libraries reject with whatever they like.
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    'a rejection without an error': () => void Promise.reject({ headers: { 'x-api-key': opaque }, why: jwt }),
  };
  process.on('SIGUSR2', ways[how]);
}
