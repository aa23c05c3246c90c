/** How rotations of an engine world ended, and what old credentials were seen to be. */
import type { FactKind } from '../../src/domain/fact.ts';
import type { EngineWorld } from './engine-world.ts';

export function lastOutcome(world: EngineWorld): FactKind | undefined {
  return world.factKinds().findLast((kind) => kind === 'rotation-succeeded' || kind === 'rotation-abandoned');
}

/** Of each try of an old credential, whether it was accepted. */
export function triesOfOld(world: EngineWorld): readonly string[] {
  return world.factsOf('old-credential-tried').map(({ outcome }) => outcome);
}
