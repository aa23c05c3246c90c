/** Checks who reads an account's targets: whether each is there, and could be made to take up a new value. Does nothing to them. */
import type { Account } from '../../domain/account.ts';
import type { Consumer, ConsumerId } from '../../domain/consumer.ts';
import { failed } from '../../domain/failure.ts';
import type { Result } from '../../domain/failure.ts';
import type { Target } from '../../domain/target.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';
import type { CheckWorld } from './world.ts';

/** Whether a consumer is there and could be made to read anew, in words: asked once, however many accounts name it. */
export function consumerAsker({
  connections,
  signal,
}: Pick<CheckWorld, 'connections' | 'signal'>): CheckWorld['askConsumer'] {
  const answers = new Map<ConsumerId, Promise<Result<string>>>();

  async function ask({ connection: name, does, address }: Consumer): Promise<Result<string>> {
    const connection = connections.consumer(name);
    if (connection !== undefined) return await connection.preflight({ does, address }, { signal });
    return failed('not-connected', `there is no connection ${name}; add it under consumers`);
  }

  return (consumer) => {
    const answer = answers.get(consumer.id) ?? ask(consumer);
    answers.set(consumer.id, answer);
    return answer;
  };
}

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
  { askConsumer }: CheckWorld,
  from: { readonly account: string; readonly target: Target; readonly consumer: Consumer },
): Promise<Finding> {
  const { account, target, consumer } = from;
  const { ok, warning } = findingsOf({ scope: 'target', subject: account, target: target.id });
  const answer = await askConsumer(consumer);
  return answer.ok
    ? ok('consumer', `${consumer.id}: ${answer.value}`)
    : warning('consumer', `${consumer.id}: ${answer.failure.message}`);
}
