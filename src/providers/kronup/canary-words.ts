/** What proving facts about Kronup does to the account that is used for it. Words only. */
import type { CanaryWords } from '../../ports/canary.ts';

export const canaryWords: CanaryWords = {
  does: [
    'Its token is regenerated twice: whoever uses it is refused.',
    'It is closed, and opened again by regenerate.',
    'About 25 calls are made, most of them with the manager credential.',
  ],
  leaves: 'It is left open, with a token that is delivered nowhere.',
};
