import type { Invite, InviteStore } from '../../../src/ports/invite-store.ts';
import { toHex } from '../../../src/protocol/bytes.ts';
import { hop } from './hop.ts';

/** Invitations of all nodes of a test. */
export class MemoryInvites implements InviteStore {
  readonly #invites = new Map<string, { readonly expiresAt: number; claimant: string | undefined }>();

  async add({ hash, expiresAt }: Invite): Promise<void> {
    await hop();
    this.#invites.set(toHex(hash), { expiresAt, claimant: undefined });
  }

  async claim(hash: Uint8Array, claimant: Uint8Array, nowMs: number): Promise<boolean> {
    await hop();
    const invite = this.#invites.get(toHex(hash));
    if (invite === undefined || invite.expiresAt <= nowMs) return false;
    invite.claimant ??= toHex(claimant);
    return invite.claimant === toHex(claimant);
  }

  async release(hash: Uint8Array, claimant: Uint8Array): Promise<void> {
    await hop();
    const invite = this.#invites.get(toHex(hash));
    if (invite?.claimant === toHex(claimant)) invite.claimant = undefined;
  }

  /** For tests: everything that is kept of them. */
  get kept(): string {
    return JSON.stringify([...this.#invites]);
  }
}
