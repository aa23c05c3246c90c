/** At the end: every target of every account holds what is live at the provider, but for what is exempt. */
import type { Account } from '../../../src/domain/account.ts';
import type { Target } from '../../../src/domain/target.ts';
import type { Token } from '../service.ts';
import type { World } from '../world.ts';

export function checkEnding(world: World): void {
  for (const policy of world.config().accounts) checkAccount(world, policy);
}

function checkAccount(world: World, policy: Account): void {
  const { watch, service } = world;
  const [id] = policy.accountIds;
  const state = service.stateOf(id);
  const row = [...world.journal.state.rows.values()].find((one) => one.policy.accountIds.includes(id));
  if (row === undefined) {
    watch.verdicts.fail(1, `${policy.name} never got into the journal`);
    return;
  }
  const known = watch.book.accountOf(row.id);
  if (state?.exists !== true || !state.open) return;
  // Held by a person, or until one comes.
  if (known.paused || policy.paused || known.mismatched) return;
  if (!world.showsLive && !isOurs(world, state.live)) return;
  for (const target of policy.targets) {
    if (known.foreign.has(target.id)) {
      checkForeign(world, { id, target });
      continue;
    }
    if (policy.onDrift === 'report' && known.drifted.has(target.id)) continue;
    const held = tokenAt(world, target);
    watch.verdicts.expect(
      held === state.live,
      1,
      () => `${target.id} holds ${nameOf(held)}, and ${nameOf(state.live)} is live`,
    );
  }
}

/** Hidden, and not minted by us: nobody who is not told can know it. */
function isOurs(world: World, live: Token): boolean {
  return world.watch.mints.all.some(({ token, outcome }) => token === live && outcome === 'minted');
}

/** What is held as foreign must not be this account's own. */
function checkForeign(world: World, { id, target }: { readonly id: string; readonly target: Target }): void {
  const held = tokenAt(world, target);
  const live = world.service.stateOf(id)?.live;
  world.watch.verdicts.expect(held !== live, 1, () => `${target.id} is held as foreign, and holds what is live`);
}

/** The token that the place holds, in the form in which it should; nothing where it holds anything else. */
function tokenAt(world: World, { store, address, format }: Target): Token | undefined {
  const text = world.shelf(store).textAt(address) ?? '';
  const token = format.kind === 'json' ? tokenIn(text) : text.trim();
  return world.service.tokens.get(token);
}

function tokenIn(document: string): string {
  try {
    const parsed = JSON.parse(document) as { readonly token?: unknown } | null;
    return typeof parsed?.token === 'string' ? parsed.token : '';
  } catch {
    return '';
  }
}

function nameOf(token: Token | undefined): string {
  return token === undefined ? 'no token' : `${token.account}#${token.number} (by ${token.by})`;
}
