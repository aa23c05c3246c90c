/** The emulator in plain words, for a person who has just started it. Never with a token. */
import type { Memory } from './memory.ts';

const SHOWN = 20;

export function describeEmulator({ url, memory }: { readonly url: string; readonly memory: Memory }): string {
  const { organisation, manager } = memory;
  const others = organisation.accounts.filter((account) => account !== manager);
  const shown = others.slice(0, SHOWN);
  const width = Math.max(...shown.map(({ name }) => name.length), 0);
  const lines = shown.map(({ id, name, role, closedAt }) => {
    const state = closedAt === 0 ? '' : ', closed';
    return `  ${id}  ${name.padEnd(width)}  ${role}${state}`;
  });
  const more = others.length - shown.length;
  return [
    `Kronup emulator    ${url}`,
    `organisation       ${organisation.id}`,
    `manager's account  ${manager.id} (${manager.role})`,
    `accounts           ${others.length}`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}
