/** Checks who reads an account's targets: whether each is there, and could be made to take up a new value. Does nothing to them. */
import type { Account } from '../../domain/account.ts';
import type { Consumer } from '../../domain/consumer.ts';
import type { Target } from '../../domain/target.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import type { CheckWorld } from './world.ts';

/** One finding for each consumer of each target. */
export async function checkTargetConsumers(
  world: CheckWorld,
  { name, targets }: Account,
): Promise<Finding[]> {
  const asked = targets.flatMap((target) =>
    (target.consumers ?? []).map((consumer) => checkOne(world, { account: name, target, consumer })),
  );
  return await Promise.all(asked);
}

/** A rotation goes on without it, so that it is no failure. */
async function checkOne(
  { connections, signal }: CheckWorld,
  from: { readonly account: string; readonly target: Target; readonly consumer: Consumer },
): Promise<Finding> {
  const { account, target, consumer } = from;
  const { ok, warning } = findingsOf({ scope: 'target', subject: account, target: target.id });
  const connection = connections.consumer(consumer.connection);
  if (connection === undefined) {
    return warning('consumer', `${consumer.id}: there is no connection ${consumer.connection}`);
  }
  const { does, address } = consumer;
  const answer = await connection.preflight({ does, address }, { signal });
  return answer.ok
    ? ok('consumer', `${consumer.id}: ${answer.value}`)
    : warning('consumer', `${consumer.id}: ${answer.failure.message}`);
}
