import type { GatewayProcess } from './gateway-process.ts';
import { bearer } from './operator.ts';

/** A code for one registration, from a gateway with REGISTRATION=invite and the tests' ADMIN_TOKEN. */
export async function newInvitation({ adminUrl }: GatewayProcess): Promise<string> {
  const init = { method: 'POST', headers: { ...bearer, 'Content-Type': 'application/json' } };
  const answer: unknown = await (await fetch(`${adminUrl}/admin/invite`, init)).json();
  const { code } = answer as { readonly code: string };
  return code;
}
