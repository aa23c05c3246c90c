// Finds out whether a Docker engine answers, and leaves out by name the suites that need one where none does.
// It starts nothing: the suites do that themselves, with testcontainers.

import { existsSync, readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';

/**
 * Registers `body` as a suite that needs a Docker engine. Where none answers, its tests are registered as skipped and
 * the suite's name says why; with REKEYD_TEST_REQUIRE=containers a failing test stands in for them instead.
 */
export function describeContainers(name: string, body: () => void): void {
  if (missing === undefined) {
    describe(name, body);
  } else if (required) {
    describe(name, () => {
      it('has a Docker engine, as REKEYD_TEST_REQUIRE=containers asks', () => {
        throw new Error(missing);
      });
    });
  } else {
    describe.skip(`${name} (skipped: ${missing})`, body);
  }
}

const PING_TIMEOUT_MS = 2_000;

const required = (process.env['REKEYD_TEST_REQUIRE'] ?? '').split(',').includes('containers');

/** Why there is no engine; undefined where one answers. Asked once a process, and before any suite is registered. */
const missing = await findMissing();

async function findMissing(): Promise<string | undefined> {
  const address = engineAddress();
  if (address === undefined) return 'no Docker engine: DOCKER_HOST is not set and there is no Docker socket';
  const problem = await ping(address);
  return problem === undefined ? undefined : `the Docker engine at ${address} does not answer: ${problem}`;
}

/** The engine's address in the order in which testcontainers looks for it. */
function engineAddress(): string | undefined {
  const configured = process.env['DOCKER_HOST'];
  if (configured !== undefined && configured !== '') return configured;
  const runtimeDir = process.env['XDG_RUNTIME_DIR'];
  const sockets = [
    '/var/run/docker.sock',
    ...(runtimeDir === undefined ? [] : [join(runtimeDir, 'docker.sock')]),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
    `/run/user/${userInfo().uid}/docker.sock`,
  ];
  const socket = sockets.find((path) => existsSync(path));
  return socket === undefined ? undefined : `unix://${socket}`;
}

/** Asks the engine's `/_ping`. Returns what went wrong, or undefined where it answered with 200. */
function ping(address: string): Promise<string | undefined> {
  const url = URL.parse(address);
  if (url === null) return Promise.resolve('DOCKER_HOST is not an address');
  if (url.protocol !== 'unix:' && url.protocol !== 'tcp:') {
    return Promise.resolve(`only unix:// and tcp:// addresses can be asked, not ${url.protocol}//`);
  }
  const where =
    url.protocol === 'unix:'
      ? { socketPath: url.pathname }
      : { host: url.hostname, port: url.port || '2375' };
  const certificates = process.env['DOCKER_TLS_VERIFY'] === '1' ? process.env['DOCKER_CERT_PATH'] : undefined;
  const keys =
    certificates === undefined
      ? undefined
      : {
          ca: readFileSync(join(certificates, 'ca.pem')),
          cert: readFileSync(join(certificates, 'cert.pem')),
          key: readFileSync(join(certificates, 'key.pem')),
        };
  return new Promise((resolve) => {
    const options = { ...where, ...keys, path: '/_ping', timeout: PING_TIMEOUT_MS };
    const call = keys === undefined ? requestPlain(options) : requestTls(options);
    call.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200 ? undefined : `it answered ${answer.statusCode}`);
    });
    call.on('timeout', () => call.destroy(new Error(`nothing within ${PING_TIMEOUT_MS} ms`)));
    call.on('error', (error) => resolve(error.message));
    call.end();
  });
}
