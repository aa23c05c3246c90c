/** What the checks of accounts and targets work with. */
import type { Consumer } from '../../domain/consumer.ts';
import type { Result } from '../../domain/failure.ts';
import type { AccountRecord } from '../../domain/record.ts';
import type { Target } from '../../domain/target.ts';
import type { Connections } from '../../engine/parts.ts';
import type { Format } from '../../ports/format.ts';
import type { Host } from '../../ports/host.ts';
import type { CheckedProvider } from './connections.ts';

export interface CheckWorld {
  readonly host: Pick<Host, 'clock' | 'environment'>;
  readonly connections: Connections;
  formatOf(target: Target): Format;
  readonly askConsumer: (consumer: Consumer) => Promise<Result<string>>;
  /** By name of the provider. */
  readonly providers: ReadonlyMap<string, CheckedProvider>;
  /** What is known of the account of this name already. */
  recordOf(account: string): AccountRecord | undefined;
  /** Real writes are asked for, beside what consumers read. */
  readonly write: boolean;
  readonly signal: AbortSignal;
}
