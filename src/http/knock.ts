/** Finds out whether anybody listens on a unix socket, without a word to whoever does. */
import { createConnection } from 'node:net';

/** Whether somebody accepts connections there: `answered`, or the system's code for why not. */
export function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve('answered');
    });
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
