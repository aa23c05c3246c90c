// A small Secrets Manager in a process of its own: the calls that the store makes, answered from memory. It checks no
// signature and keeps two versions, and is fast enough not to be what is measured.

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { givenToChild, tellParent } from './child.ts';

export interface AwsReady {
  readonly url: string;
}

interface Version {
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
}

interface Held {
  /** By label. */
  readonly labels: Map<string, Version>;
}

type Body = Readonly<Record<string, string | undefined>> & { readonly VersionStages?: readonly string[] };

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const CALLER =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  '<Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>bench</UserId><Account>123456789012</Account>' +
  '</GetCallerIdentityResult></GetCallerIdentityResponse>';

givenToChild();
const secrets = new Map<string, Held>();

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => answer(request, response, Buffer.concat(pieces).toString()));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  tellParent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } satisfies AwsReady);
});

function answer(request: IncomingMessage, response: ServerResponse, text: string): void {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(CALLER);
    return;
  }
  const body = JSON.parse(text) as Body;
  const [status, value] = act(target.split('.')[1] ?? '', body);
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(value));
}

function act(action: string, body: Body): readonly [number, object] {
  const name = body['SecretId'] ?? body['Name'] ?? '';
  if (action === 'CreateSecret') {
    secrets.set(name, { labels: new Map() });
    if (body['SecretString'] !== undefined) put(name, body);
    return [200, { ARN: arn(name), Name: name, VersionId: body['ClientRequestToken'] }];
  }
  const held = secrets.get(name);
  if (held === undefined) return refused('ResourceNotFoundException', `there is no ${name}`);
  switch (action) {
    case 'PutSecretValue':
      return [200, put(name, body)];
    case 'GetSecretValue':
      return show(name, held, held.labels.get(body['VersionStage'] ?? CURRENT));
    case 'DescribeSecret':
      return [200, { ARN: arn(name), Name: name, VersionIdsToStages: stagesOf(held) }];
    case 'ListSecretVersionIds':
      return [200, { ARN: arn(name), Name: name, Versions: versionsOf(held) }];
    case 'UpdateSecretVersionStage':
      held.labels.delete(body['VersionStage'] ?? '');
      return [200, { ARN: arn(name), Name: name }];
    default:
      return refused('UnknownOperationException', `${action} is not known here`);
  }
}

function put(name: string, body: Body): object {
  const labels = secrets.get(name)?.labels ?? new Map<string, Version>();
  const id = body['ClientRequestToken'] ?? '';
  const version = { id, text: body['SecretString'] ?? '', createdAt: Date.now() };
  const stages = body.VersionStages ?? [CURRENT];
  for (const stage of stages) {
    const before = labels.get(stage);
    if (stage === CURRENT && before !== undefined) labels.set(PREVIOUS, before);
    labels.set(stage, version);
  }
  return { ARN: arn(name), Name: name, VersionId: id, VersionStages: stages };
}

function show(name: string, held: Held, version: Version | undefined): readonly [number, object] {
  if (version === undefined) return refused('ResourceNotFoundException', `${name} has no such version`);
  const { id, text, createdAt } = version;
  const dated = { CreatedDate: createdAt / 1_000, VersionStages: stagesOf(held)[id] };
  return [200, { ARN: arn(name), Name: name, VersionId: id, SecretString: text, ...dated }];
}

function stagesOf({ labels }: Held): Record<string, string[]> {
  const stages: Record<string, string[]> = {};
  for (const [label, { id }] of labels) stages[id] = [...(stages[id] ?? []), label];
  return stages;
}

function versionsOf({ labels }: Held): readonly object[] {
  return [...labels].map(([label, { id, createdAt }]) => ({
    VersionId: id,
    VersionStages: [label],
    CreatedDate: createdAt / 1_000,
  }));
}

function refused(type: string, message: string): readonly [number, object] {
  return [400, { __type: type, message }];
}

function arn(name: string): string {
  return `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`;
}
