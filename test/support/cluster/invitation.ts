import type { GatewayProcess } from './gateway-process.ts';

/** A code for one registration, from a gateway with REGISTRATION=invite. */
export async function newInvitation({ adminUrl }: GatewayProcess): Promise<string> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
  const answer: unknown = await (await fetch(`${adminUrl}/admin/invite`, init)).json();
  const { code } = answer as { readonly code: string };
  return code;
}
