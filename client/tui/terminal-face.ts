import type { Face, Telling } from '../chat/face.ts';
import type { FaceFiles } from '../chat/files/face-files.ts';
import type { PickerItem } from '../chat/model/dialog.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import { tuiTexts } from '../texts/tui-texts.ts';
import type { ChatConfig } from './config/chat-config.ts';
import { aboutOf, actions } from './keys/actions.ts';
import type { Bindings } from './keys/key-map.ts';
import type { TerminalScreen } from './screen/terminal-screen.ts';

type Signals = Pick<TerminalScreen, 'ring' | 'notify' | 'notifyTitled' | 'copy'>;

/** What the application asks of a terminal, as the config file wants it. */
export function terminalFace(
  screen: Signals,
  { bindings, clipboard, notify, typing }: Pick<ChatConfig, 'bindings' | 'clipboard' | 'notify' | 'typing'>,
  files?: FaceFiles,
): Face {
  /** On the clipboard, or else on a page of its own, from which it can be selected. */
  const offer = async (title: string, text: string, { dialogs, notices }: Telling): Promise<void> => {
    if (clipboard) {
      screen.copy(text);
      notices.say(tuiTexts.dialogs.copied(text));
      return;
    }
    await dialogs.page({ title, lines: [...text.split('\n'), '', tuiTexts.dialogs.copy_advice] });
  };
  return {
    notify(room, text) {
      if (notify === 'bell') screen.ring();
      else if (notify === 'osc9') screen.notify(visibleLine(text));
      else if (notify === 'osc777') screen.notifyTitled(visibleLine(room), visibleLine(text));
    },
    openLink: (url, telling) => offer(tuiTexts.dialogs.link, url, telling),
    copy: (text, telling) => offer(tuiTexts.dialogs.text, text, telling),
    ...(files !== undefined && { files }),
    showsTyping: typing,
    help: keyItems(bindings),
  };
}

/** Each action with the keys that it is bound to. */
export function keyItems(bindings: Bindings): readonly PickerItem[] {
  return actions.map(({ id }) => {
    const names = bindings.get(id) ?? [];
    return { id, label: names.length === 0 ? '–' : names.join('  '), detail: aboutOf(id) };
  });
}
