/** How a history is run again, with every event told. */

export function replay(seed: number): string {
  return `npm run simulate -- --seeds 1 --from ${seed} --trace`;
}
