/** Consumers: whoever reads a credential from a target. To refresh one is to make it read the new value. */

/** What is done so that a consumer reads anew: its pods are replaced, its controller is told to read, or somebody is called. */
export type ConsumerAction = 'restart' | 'forceSync' | 'webhook';
