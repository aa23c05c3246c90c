/** The emulator in plain words, for a person who has just started it. Never with a secret. */
import type { Memory } from './memory.ts';

const SHOWN = 20;

export function describeEmulator({ url, memory }: { readonly url: string; readonly memory: Memory }): string {
  const { organisation, manager } = memory;
  const others = organisation.accounts.filter((account) => account !== manager);
  const shown = others.slice(0, SHOWN);
  const width = Math.max(...shown.map(({ name }) => name.length), 0);
  const lines = shown.map(({ id, name }) => {
    const count = organisation.credentialsOf(id).length;
    return `  ${id}  ${name.padEnd(width)}  ${count} ${count === 1 ? 'credential' : 'credentials'}`;
  });
  const more = others.length - shown.length;
  const [own] = organisation.credentialsOf(manager.id);
  return [
    `Keycard emulator   ${url}`,
    `organisation       ${organisation.id} (label ${organisation.label})`,
    `manager's account  ${manager.id}`,
    `its client id      ${own?.clientId ?? 'none'}`,
    `accounts           ${others.length}`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}
