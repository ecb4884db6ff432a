import type { Face } from '../chat/face.ts';
import type { PickerItem } from '../chat/model/dialog.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import type { ChatConfig } from './config/chat-config.ts';
import { actions } from './keys/actions.ts';
import type { Bindings } from './keys/key-map.ts';
import type { TerminalScreen } from './screen/terminal-screen.ts';

type Signals = Pick<TerminalScreen, 'ring' | 'notify' | 'notifyTitled' | 'copy'>;

/** What the application asks of a terminal, as the config file wants it. */
export function terminalFace(
  screen: Signals,
  { bindings, clipboard, notify, typing }: Pick<ChatConfig, 'bindings' | 'clipboard' | 'notify' | 'typing'>,
): Face {
  return {
    notify(room, text) {
      if (notify === 'bell') screen.ring();
      else if (notify === 'osc9') screen.notify(visibleLine(text));
      else if (notify === 'osc777') screen.notifyTitled(visibleLine(room), visibleLine(text));
    },
    async openLink(url, { dialogs, notices }) {
      if (clipboard) {
        screen.copy(url);
        notices.say(`Copied ${url}`);
        return;
      }
      const advice = 'Set clipboard = true in the config file to copy it by Enter.';
      await dialogs.page({ title: 'Link', lines: [url, '', advice] });
    },
    showsTyping: typing,
    help: keyItems(bindings),
  };
}

/** Each action with the keys that it is bound to. */
export function keyItems(bindings: Bindings): readonly PickerItem[] {
  return actions.map(({ id, about }) => {
    const names = bindings.get(id) ?? [];
    return { id, label: names.length === 0 ? '–' : names.join('  '), detail: about };
  });
}
