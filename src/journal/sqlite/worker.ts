/**
 * The journal's worker thread: the only place that touches the SQLite file, so that no fsync runs on the event loop.
 * Whatever has arrived while it was busy is done in one transaction, with one fsync for all of it.
 */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { migrate } from '../migrations/migrate.ts';
import { BULK, OPERATIONS } from '../operations/index.ts';
import { releaseAll } from '../operations/claim.ts';
import type { Session } from '../statement.ts';
import { connect, type Connection } from './connection.ts';
import type { Answer, Asked, FromWorker, ToWorker, Trouble, WorkerGiven } from './messages.ts';
import { troubleOf } from './trouble.ts';

/** Operations in one transaction: bounds how long the first one waits for its answer. */
const GROUP_MAX = 500;

/** A bulky operation waits for so many groups of others at most: on a slow disk there is always one more of these. */
const GROUPS_BEFORE_BULK = 8;

if (parentPort !== null) await work(parentPort, workerData as WorkerGiven);

async function work(port: MessagePort, given: WorkerGiven): Promise<void> {
  const connection = await open(port, given);
  if (connection === undefined) return;
  const urgent: Asked[] = [];
  const bulk: Asked[] = [];
  let closing = false;
  let working = false;

  function take(message: ToWorker): void {
    if (message.kind === 'close') {
      closing = true;
      return;
    }
    for (const one of message.asked) (BULK.has(one.name) ? bulk : urgent).push(one);
  }
  /** Takes what has arrived since: what comes now shares the next transaction. */
  function takeWaiting(): void {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      take(next.message as ToWorker);
    }
  }
  async function drain(opened: Connection): Promise<void> {
    if (working) return;
    working = true;
    for (let passed = 0; ;) {
      takeWaiting();
      const synced = urgent.length > 0 && passed < GROUPS_BEFORE_BULK;
      const group = synced ? urgent.splice(0, GROUP_MAX) : bulk.splice(0, 1);
      if (group.length === 0) break;
      passed = synced && bulk.length > 0 ? passed + 1 : 0;
      const answers = await runGroup(opened, group, { synced, commitDelayMs: given.commitDelayMs });
      port.postMessage({ kind: 'answered', answers } satisfies FromWorker);
    }
    working = false;
    if (closing) {
      opened.close();
      port.close();
    }
  }
  port.on('message', (message: ToWorker) => {
    take(message);
    void drain(connection);
  });
}

async function open(port: MessagePort, given: WorkerGiven): Promise<Connection | undefined> {
  let connection: Connection | undefined;
  try {
    connection = connect(given.path);
    const opened = connection;
    const prepare = async () => {
      const done = await migrate(opened, { dialect: 'sqlite', now: given.now });
      // Nobody else can hold this file: whoever held claims in it is dead.
      if (done.outcome === 'migrated') await releaseAll(opened, { now: given.now });
      return done;
    };
    const migrated = await opened.transaction(prepare, { synced: true });
    if (migrated.outcome === 'too-new') {
      const { found, known } = migrated;
      refuse(port, { kind: 'too-new', found, known });
    } else {
      const { created, migrations } = migrated;
      port.postMessage({ kind: 'opened', created, migrations } satisfies FromWorker);
      return opened;
    }
  } catch (error) {
    refuse(port, troubleOf(error));
  }
  connection?.close();
  return undefined;
}

function refuse(port: MessagePort, trouble: Trouble): void {
  port.postMessage({ kind: 'refused', trouble } satisfies FromWorker);
  port.close();
}

/** Runs these in one transaction, each undone by itself where it fails. Answers after the commit. */
async function runGroup(
  connection: Connection,
  jobs: readonly Asked[],
  { synced, commitDelayMs }: { readonly synced: boolean; readonly commitDelayMs: number },
): Promise<readonly Answer[]> {
  const delayMs = synced ? commitDelayMs : 0;
  try {
    const body = async () => {
      const before = delayMs > 0 ? connection.changes() : 0;
      const answers: Answer[] = [];
      for (const job of jobs) answers.push(await runJob(connection, job));
      if (delayMs > 0 && connection.changes() > before) pause(delayMs);
      return answers;
    };
    return await connection.transaction(body, { synced });
  } catch (error) {
    const trouble = troubleOf(error);
    return jobs.map(({ id }) => ({ id, trouble }));
  }
}

async function runJob(connection: Connection, { id, name, given }: Asked): Promise<Answer> {
  const operation = OPERATIONS[name] as (session: Session, given: unknown) => Promise<unknown>;
  try {
    return { id, answer: await connection.savepoint(() => operation(connection, given)) };
  } catch (error) {
    // A full disk and its like end the whole transaction: then nothing of the group is kept.
    if (!connection.inTransaction) throw error;
    return { id, trouble: troubleOf(error) };
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
