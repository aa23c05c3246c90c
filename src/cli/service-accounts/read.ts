/** `rekeyd service-accounts read`: one account or credential, and its secret where the provider shows it and somebody asks for it. */
import { EXIT } from '../../ports/host.ts';
import type { Host } from '../../ports/host.ts';
import { CommandError } from '../explain.ts';
import { mayReveal } from './asking.ts';
import { handOver, managedBy, readyDestinations } from './handing.ts';
import type { HandingOptions } from './handing.ts';
import { itemText } from './item-text.ts';
import { inSession, valueOf } from './session.ts';
import type { Of } from './session.ts';

export async function read(
  host: Host,
  options: HandingOptions,
  of: Of,
  ref: { readonly id: string; readonly account?: string },
): Promise<number> {
  const reveal = mayReveal(host, options);
  return await inSession(host, options, { of, verb: 'read' }, async (session) => {
    const { words, collection, opened, signal } = session;
    const wantsSecret = reveal || (options.deliver ?? []).length > 0;
    if (wantsSecret && !words.showsAgain) {
      throw new CommandError(
        `the secret of a ${words.noun} is shown once, when it is made, and can never be read again`,
      );
    }
    const item = valueOf(await collection.read(ref, { signal }));
    if (wantsSecret && item.credential === undefined) {
      throw new CommandError(
        `the provider does not show the secret of ${item.id} (it is ${item.state})`,
        EXIT.failed,
      );
    }
    const managed = await managedBy(session, options);
    const manager = of === 'accounts' ? managed.find(opened.origin, item.id) : undefined;
    const shown = { item, ...(manager && { managedAs: manager.name }) };
    const { credential } = item;
    if (credential === undefined) {
      host.output.write(itemText(shown, { output: options.output, reveal }));
      return EXIT.ok;
    }
    await using destinations = await readyDestinations(session, options, {
      kind: credential.kind,
      managed: managed.accounts,
      owner: { ...item, ...ref },
    });
    const handed =
      destinations === undefined
        ? { more: {}, code: EXIT.ok }
        : await handOver(session, destinations, {
            item,
            account: ref.account,
            credential,
            advice: () => 'Put that right, and run the same again.',
          });
    host.output.write(itemText(shown, { output: options.output, reveal, more: handed.more }));
    return handed.code;
  });
}
