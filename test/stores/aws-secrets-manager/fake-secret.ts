// One secret of the small server, with versions and labels as AWS has them: as fast as many accounts at once need it.

import { error } from './fake-aws.ts';
import type { Answer, FakeAws } from './fake-aws.ts';

export interface FakeSecret {
  /** The text of each version by its id, the oldest first. */
  readonly versions: ReadonlyMap<string, string>;
  /** What consumers read. */
  readonly current: () => string;
}

/** What a call may say. */
interface Body {
  readonly VersionId?: string;
  readonly VersionStage?: string;
  readonly VersionStages?: readonly string[];
  readonly ClientRequestToken?: string;
  readonly SecretString?: string;
  readonly MoveToVersionId?: string;
  readonly RemoveFromVersionId?: string;
}

/** The secret holds `text`, in a version of somebody else's. Its versions are made at `now()`, in ms since the epoch. */
export function fakeSecret(aws: FakeAws, text: string, now: () => number): FakeSecret {
  const versions = new Map([['theirs', text]]);
  const madeAt = new Map([['theirs', now()]]);
  const labels = new Map([['AWSCURRENT', 'theirs']]);
  const labelsOf = (id: string) => [...labels].filter(([, on]) => on === id).map(([label]) => label);

  const answers: Readonly<Record<string, (body: Body) => Answer>> = {
    GetSecretValue({ VersionId, VersionStage = 'AWSCURRENT' }) {
      const id = VersionId ?? labels.get(VersionStage) ?? '';
      const SecretString = versions.get(id);
      if (SecretString === undefined) return error('ResourceNotFoundException', 'no such version');
      const CreatedDate = (madeAt.get(id) ?? 0) / 1_000;
      return { json: { ARN: 'arn', VersionId: id, SecretString, VersionStages: labelsOf(id), CreatedDate } };
    },
    PutSecretValue({ ClientRequestToken, SecretString, VersionStages = ['AWSCURRENT'] }) {
      const id = ClientRequestToken ?? '';
      const before = versions.get(id);
      if (before !== undefined && before !== SecretString)
        return error('ResourceExistsException', 'in use already');
      if (before === undefined) {
        versions.set(id, SecretString ?? '');
        madeAt.set(id, now());
        for (const label of VersionStages) labels.set(label, id);
      }
      return { json: { ARN: 'arn', VersionId: id, VersionStages: labelsOf(id) } };
    },
    UpdateSecretVersionStage({ VersionStage: label = '', MoveToVersionId, RemoveFromVersionId = '' }) {
      if (labels.get(label) !== RemoveFromVersionId)
        return error('InvalidParameterException', 'the label is on another version');
      if (label === 'AWSCURRENT') labels.set('AWSPREVIOUS', RemoveFromVersionId);
      if (MoveToVersionId === undefined) labels.delete(label);
      else labels.set(label, MoveToVersionId);
      return { json: { ARN: 'arn' } };
    },
    DescribeSecret: () => ({
      json: {
        ARN: 'arn',
        VersionIdsToStages: Object.fromEntries([...versions.keys()].map((id) => [id, labelsOf(id)])),
      },
    }),
    ListSecretVersionIds: () => ({
      json: {
        ARN: 'arn',
        Versions: [...madeAt].map(([VersionId, at]) => ({ VersionId, CreatedDate: at / 1_000 })),
      },
    }),
  };
  for (const [action, answer] of Object.entries(answers)) aws.on(action, ({ body }) => answer(body));
  return { versions, current: () => versions.get(labels.get('AWSCURRENT') ?? '') ?? '' };
}
