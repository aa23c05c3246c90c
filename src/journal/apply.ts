/** Applies a configuration to a database in small batches. What it writes, and in which order, stands in the port. */
import type {
  AccountId,
  ApplyFile,
  Applied,
  ConfiguredAccount,
  ConfiguredBatch,
  Journal,
} from '../ports/journal.ts';
import type { Run } from './journal.ts';

/** Accounts that are written in one operation; it is done in a few ms. */
const BATCH_ACCOUNTS_MAX = 200;
/** Accounts that are looked through in one operation for those that left. */
const LEFT_PAGE = 1_000;

/** One configuration is applied at a time: a second call waits for the first. */
export function applier(run: Run): Pick<Journal, 'appliedFiles' | 'apply'> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async appliedFiles() {
      const files = await run('files', undefined);
      return new Map(files.flatMap(({ path, hash }) => (hash === undefined ? [] : [[path, hash]])));
    },
    apply(files, now) {
      const applied = last.then(
        () => applyFiles(run, files, now),
        () => applyFiles(run, files, now),
      );
      last = applied;
      return applied;
    },
  };
}

async function applyFiles(run: Run, files: readonly ApplyFile[], now: number): Promise<Applied> {
  const known = new Map((await run('files', undefined)).map((file) => [file.path, file]));
  const listed = new Set(files.map(({ path }) => path));
  const changed = files.filter(({ accounts }) => accounts !== undefined);
  const unchanged = files.filter(({ accounts }) => accounts === undefined);
  for (const { path, hash } of unchanged) {
    if (known.get(path)?.hash !== hash)
      throw new Error(`${path} was not applied with the hash ${hash} before`);
  }
  const gone = [...known.keys()].filter((path) => !listed.has(path));
  if (changed.length + gone.length > 0) {
    await run('beginFiles', { paths: [...changed.map(({ path }) => path), ...gone], now });
  }
  const written: { readonly file: ApplyFile; readonly present: Written }[] = [];
  for (const file of changed) written.push({ file, present: await writeFile(run, file, now) });

  // Only now, when every account has moved to wherever it is configured, is it known which have left.
  let left = 0;
  for (const { file, present } of written) {
    left += await leaveFile(run, { path: file.path, now, stays: (id) => present.ids.has(id) });
    await run('endFile', { path: file.path, hash: file.hash, accounts: present.ids.size, now });
  }
  for (const path of gone) {
    left += await leaveFile(run, { path, now, stays: () => false });
    await run('dropFile', { path });
  }
  const kept = unchanged.reduce((sum, { path }) => sum + (known.get(path)?.accounts ?? 0), 0);
  return {
    accounts: written.reduce((sum, { present }) => sum + present.ids.size, kept),
    changed: written.reduce((sum, { present }) => sum + present.changed, 0),
    left,
  };
}

interface Written {
  readonly ids: ReadonlySet<AccountId>;
  readonly changed: number;
}

async function writeFile(run: Run, file: ApplyFile, now: number): Promise<Written> {
  const ids = new Set<AccountId>();
  let changed = 0;
  async function write(accounts: ConfiguredBatch): Promise<void> {
    const applied = await run('applyBatch', { file: file.path, accounts, now });
    for (const id of applied.ids) ids.add(id);
    changed += applied.changed;
  }
  for await (const batch of file.accounts ?? []) {
    for (const accounts of pieces(batch)) await write(accounts);
  }
  return { ids, changed };
}

/** Text is passed on as it is: whoever made it has chosen its size. */
function pieces(batch: ConfiguredBatch): readonly ConfiguredBatch[] {
  if (typeof batch === 'string' || batch.length <= BATCH_ACCOUNTS_MAX) return [batch];
  const made: (readonly ConfiguredAccount[])[] = [];
  for (let start = 0; start < batch.length; start += BATCH_ACCOUNTS_MAX) {
    made.push(batch.slice(start, start + BATCH_ACCOUNTS_MAX));
  }
  return made;
}

/** Marks the accounts of a file as left, except those that stay. Answers how many. */
async function leaveFile(
  run: Run,
  given: { readonly path: string; readonly now: number; readonly stays: (id: AccountId) => boolean },
): Promise<number> {
  let left = 0;
  let after = 0;
  for (;;) {
    const ids = await run('fileAccounts', { path: given.path, after, limit: LEFT_PAGE });
    const accounts = ids.filter((id) => !given.stays(id));
    if (accounts.length > 0) await run('leave', { accounts, now: given.now });
    left += accounts.length;
    const last = ids.at(-1);
    if (last === undefined || ids.length < LEFT_PAGE) return left;
    after = last;
  }
}
