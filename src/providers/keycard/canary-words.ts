/** What proving facts about Keycard does to the account that is used for it. Words only. */
import type { CanaryWords } from '../../ports/canary.ts';

export const canaryWords: CanaryWords = {
  does: [
    'Two credentials are made for it, used, and deleted again.',
    'Its other credentials stay as they are.',
  ],
  leaves:
    'Nothing is left of that, unless it is broken off: then credentials named rekeyd-canary/… may be deleted by hand.',
};
