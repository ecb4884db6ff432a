import { type AccountContent, contentOf, packContent, parseContent } from '../sdk/storage/account-content.ts';
import type { AccountStorage } from '../sdk/storage/storage.ts';
import { seal, unseal } from './sealed-file.ts';

/** The content of an export: bound to no address, pins and room secrets included. */
export async function exportAccount(
  storage: Pick<AccountStorage, 'keys' | 'state'>,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  return seal('export', packContent(await contentOf(storage, 'device')), passphrase);
}

export async function openExport(file: Uint8Array, passphrase: string | undefined): Promise<AccountContent> {
  return parseContent(await unseal('export', file, passphrase));
}
