/** A Keycard of a test's own making: it gives access tokens, and answers everything else as the test says. */
import { scriptedServer, json, type Received, type Script, type ScriptedServer } from '../scripted-server.ts';

export interface ScriptedKeycard extends ScriptedServer {
  /** Requests for access tokens. */
  readonly tokens: readonly Received[];
  /** All others. */
  readonly asked: readonly Received[];
}

/** Each access token is another: `access-1`, `access-2`, … `token` answers in place of that. */
export async function scriptedKeycard(script: Script, token?: Script): Promise<ScriptedKeycard> {
  let given = 0;
  const isToken = ({ path }: Received) => path === '/service-account-token';
  const server = await scriptedServer((received, response, socket) => {
    if (!isToken(received)) return script(received, response, socket);
    if (token !== undefined) return token(received, response, socket);
    given += 1;
    json(response, { access_token: `access-${given}`, token_type: 'Bearer', expires_in: 3_600 });
  });
  return {
    ...server,
    get received() {
      return server.received;
    },
    get sockets() {
      return server.sockets;
    },
    get tokens() {
      return server.received.filter(isToken);
    },
    get asked() {
      return server.received.filter((received) => !isToken(received));
    },
  };
}
