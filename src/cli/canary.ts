/** `rekeyd check --canary`: tries out on a throw-away account what the design rests on, against the live API. */
import { sanitiseText } from '../domain/credential-shapes.ts';
import type { CanaryFact, Verdict } from '../ports/canary.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import type { CheckCommandOptions } from './check.ts';
import { CommandError } from './explain.ts';
import { confirm } from './service-accounts/asking.ts';
import { managedBy } from './service-accounts/handing.ts';
import { inSession, valueOf } from './service-accounts/session.ts';
import type { Session } from './service-accounts/session.ts';
import { columns, json } from './text.ts';

export interface CanaryOptions extends CheckCommandOptions {
  readonly provider?: string;
  readonly yes?: boolean;
}

export async function checkCanary(host: Host, options: CanaryOptions, account: string): Promise<number> {
  return await inSession(host, options, { of: 'accounts', verb: 'read' }, async (session) => {
    const { opened, collection, signal } = session;
    const { canary } = opened;
    if (canary === undefined)
      throw new CommandError(`--canary: nothing can be tried out at provider ${session.provider}`);
    const item = valueOf(await collection.read({ id: account }, { signal }));
    if (item.state !== 'open')
      throw new CommandError(`--canary: the account ${account} is closed; name an open one`);
    await refuseNeeded(session, options, account);
    const name = item.name === undefined ? account : `${account} (${item.name})`;
    await confirm(host, {
      lines: [
        `Facts about ${opened.origin} are tried out on the account ${name}:`,
        ...canary.words.does,
        canary.words.leaves,
      ],
      question: `Is ${name} an account that nobody needs?`,
      yes: options.yes === true,
    });
    signal.throwIfAborted();
    const facts = await provedFacts(session, account);
    const text = options.output === 'json' ? json(viewOf(session, account, facts)) : textOf(facts);
    host.output.write(sanitiseText(text));
    return facts.every(({ verdict }) => verdict === 'holds') ? EXIT.ok : EXIT.failed;
  });
}

/** An account that is managed here, or that rekeyd itself is. Whatever the answer to a question would be. */
async function refuseNeeded(session: Session, options: CanaryOptions, account: string): Promise<void> {
  const { opened, provider, signal } = session;
  if (valueOf(await opened.administration.isOwn({ id: account }, { signal }))) {
    throw new CommandError(
      `--canary: ${account} is what rekeyd itself authenticates with at ${provider}; name an account that nobody needs`,
      EXIT.held,
    );
  }
  const managed = (await managedBy(session, options)).find(opened.origin, account);
  if (managed === undefined) return;
  throw new CommandError(
    `--canary: ${account} is managed here as ${managed.name}, so somebody needs it; name an account that nobody needs`,
    EXIT.held,
  );
}

async function provedFacts(
  { host, opened, signal }: Session,
  account: string,
): Promise<readonly CanaryFact[]> {
  const prove = await opened.canary?.load();
  const facts: CanaryFact[] = [];
  for await (const fact of prove?.({ account, signal }) ?? []) {
    facts.push(fact);
    if (host.errors.isTerminal) host.errors.write(`\r${facts.length}: ${fact.fact}\u001b[K`);
  }
  if (host.errors.isTerminal) host.errors.write('\r\u001b[K');
  return facts;
}

const WORDS: Readonly<Record<Verdict, string>> = { holds: 'holds', differs: 'DIFFERS', unknown: 'unknown' };

function textOf(facts: readonly CanaryFact[]): string {
  const rows = facts.map(({ fact, expected, seen, verdict }) => [WORDS[verdict], fact, expected, seen]);
  const count = (wanted: Verdict): number => facts.filter(({ verdict }) => verdict === wanted).length;
  const summary = `${facts.length} facts: ${count('holds')} hold, ${count('differs')} differ, ${count('unknown')} unknown.\n`;
  return `${columns(['VERDICT', 'FACT', 'EXPECTED', 'SEEN'], rows)}\n${summary}${ADVICE[worst(facts)]}`;
}

const ADVICE: Readonly<Record<Verdict, string>> = {
  holds: '',
  unknown: 'Not everything could be found out: see what was seen, and try again.\n',
  differs:
    'rekeyd rests on these facts. Do not let it rotate accounts there before you know what the difference means.\n',
};

function worst(facts: readonly CanaryFact[]): Verdict {
  if (facts.some(({ verdict }) => verdict === 'differs')) return 'differs';
  return facts.some(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'holds';
}

function viewOf({ provider, opened }: Session, account: string, facts: readonly CanaryFact[]): object {
  return { ok: worst(facts) === 'holds', provider, origin: opened.origin, account, facts };
}
