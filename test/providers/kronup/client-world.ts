/** A client of a Kronup that a test scripts; both are gone when the test is finished. */
import { onTestFinished } from 'vitest';
import { openClient, type Settings } from './kronup-world.ts';
import { json, scriptedServer, type Script, type ScriptedServer } from '../scripted-server.ts';

export const ACCOUNT = {
  id: 'a',
  userName: 'billing',
  roleOrg: 'member',
  closedTime: 0,
  serviceToken: 'header.payload.signature',
  createdAt: '2026-01-01T08:08:08.000+00:00',
  apiCalls: { '2026-01-05': 12 },
};

export async function world(
  script: Script = (_, response) => json(response, ACCOUNT),
  settings: Partial<Settings> = {},
): Promise<ReturnType<typeof openClient> & { readonly server: ScriptedServer }> {
  const server = await scriptedServer(script);
  const opened = openClient({ url: server.url, ...settings });
  onTestFinished(async () => {
    await opened.client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  return { server, ...opened };
}
