/** What an administrator of a Kronup organisation does: another role for one of its service accounts. */
import type { KronupEmulator } from '../../src/emulators/kronup/emulator.ts';

export async function giveRole(
  { url, manager }: Pick<KronupEmulator, 'url' | 'manager'>,
  accountId: string,
  roleOrg: 'admin' | 'member',
): Promise<void> {
  const answer = await fetch(`${url}/service-accounts/${accountId}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${manager.token.reveal()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ roleOrg }),
  });
  if (!answer.ok) throw new Error(`the emulator answered ${answer.status}: ${await answer.text()}`);
}
