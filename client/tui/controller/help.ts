import { commandNames, commandOf, usageOf } from '../commands/command-table.ts';
import { actions } from '../keys/actions.ts';
import type { Bindings } from '../keys/key-map.ts';
import type { PickerItem } from '../model/dialog.ts';
import type { ChatContext } from './chat-context.ts';

/** Everything that commands and keys do, to search in. */
export async function showHelp({ bindings, dialogs }: ChatContext, topic: string | undefined): Promise<void> {
  await dialogs.pick({
    title: 'Help: type to search',
    items: helpItems(bindings),
    nothing: 'nothing is called like this',
    query: topic,
  });
}

export function helpItems(bindings: Bindings): readonly PickerItem[] {
  const commands = commandNames.map((name): PickerItem => {
    const { about, who } = commandOf(name);
    return {
      id: name,
      label: usageOf(name),
      detail: who === 'anyone' || who === 'member' ? about : `${about} (${who})`,
    };
  });
  const keys = actions.map(({ id, about }): PickerItem => {
    const names = bindings.get(id) ?? [];
    return { id, label: names.length === 0 ? '–' : names.join('  '), detail: about };
  });
  return [...commands, ...keys];
}
