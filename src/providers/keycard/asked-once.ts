/** One question at a time for each credential, by however many who want to know. */
import type { Fingerprint } from '../../domain/credential.ts';

/** Who asks for the same credential while an answer is awaited gets that one. A failure is told to them and is not kept. */
export type AskedOnce<T> = (fingerprint: Fingerprint, ask: () => Promise<T>) => Promise<T>;

export function askedOnce<T>(): AskedOnce<T> {
  let asking: { readonly fingerprint: Fingerprint; readonly answer: Promise<T> } | undefined;
  return (fingerprint, ask) => {
    if (asking?.fingerprint === fingerprint) return asking.answer;
    const answer = ask().finally(() => {
      if (asking?.answer === answer) asking = undefined;
    });
    asking = { fingerprint, answer };
    return answer;
  };
}
