import type { ConclaveClient } from '../sdk/api.ts';
import type { UserSettings } from '../sdk/state/user-settings.ts';
import type { ChatMemory } from './chat-memory.ts';
import { withSettings } from './model/model.ts';
import type { Store } from './store.ts';

/**
 * Shows what is known of the user's settings, and from then on what is read and set on other devices, until the client ends. Settings in
 * a profile of an earlier release are taken over.
 */
export async function followSettings(
  { userState }: ConclaveClient,
  { memory, store }: { readonly memory: ChatMemory; readonly store: Store },
  report: (error: unknown) => void,
): Promise<void> {
  const changes = userState.changes();
  takeSettings(store, await userState.begin(await memory.earlier()));
  await memory.forgetEarlier();
  const follow = async (): Promise<void> => {
    for await (const settings of changes) takeSettings(store, settings);
  };
  follow().catch(report);
}

export function takeSettings(store: Store, settings: UserSettings): void {
  store.change((model) => withSettings(model, settings));
}
