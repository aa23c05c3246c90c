/** Whether an address leads to this machine alone, where nobody on the way can read along. Pure. */

const LOOPBACK = /^(?:localhost|\[?::1\]?|127(?:\.\d+){3})$/;

/** A host as a URL or a listener's address has it: IPv6 with its brackets or without. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether what is sent to this URL travels in the clear to another machine. Not for what is no URL. */
export function isPlainToOthers(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'http:' && !isLoopback(parsed.hostname);
}
