/** `rekeyd history`: what was rotated, and how one rotation went. Changes nothing. */
import type { Fact } from '../domain/fact.ts';
import { EXIT } from '../ports/host.ts';
import type { Host } from '../ports/host.ts';
import type { Page, RotationRow, StepRow } from '../ports/journal.ts';
import { CommandError } from './explain.ts';
import type { CommonOptions } from './program.ts';
import { reachForReading } from './reach.ts';
import { historyText, rotationText } from './history-text.ts';
import { json } from './text.ts';

export interface HistoryOptions extends CommonOptions {
  readonly limit: number;
  readonly rotation?: string;
}

/** What `GET /v1/rotations/:id` answers. */
export interface RotationDetail {
  readonly rotation: RotationRow;
  readonly steps: readonly StepRow[];
  readonly facts: readonly Fact[];
}

export async function history(host: Host, options: HistoryOptions, name?: string): Promise<number> {
  const { rotation, limit, output } = options;
  if (rotation !== undefined && name !== undefined)
    throw new CommandError('give an account or --rotation ID, not both: a rotation has one account');
  await using reached = await reachForReading(host, options);
  const now = host.clock.now();
  if (rotation !== undefined) {
    const path = `/v1/rotations/${encodeURIComponent(rotation)}`;
    const detail = await reached.ask<RotationDetail>({ method: 'GET', path });
    host.output.write(output === 'json' ? json(detail) : rotationText(detail, now));
    return EXIT.ok;
  }
  const query = new URLSearchParams({
    limit: String(limit),
    ...(name === undefined ? {} : { account: name }),
  });
  const path = `/v1/rotations?${query.toString()}`;
  const page = await reached.ask<Page<RotationRow>>({ method: 'GET', path });
  host.output.write(output === 'json' ? json(page) : historyText(page, now));
  return EXIT.ok;
}
