import type { Face, Telling } from '../chat/face.ts';
import type { FaceFiles } from '../chat/files/face-files.ts';
import type { PickerItem } from '../chat/model/dialog.ts';
import { terminalLink } from '../terminal/terminal-link.ts';
import { visibleLine } from '../terminal/visible-text.ts';
import { tuiTexts } from '../texts/tui-texts.ts';
import type { AlertCommand } from './alert-command.ts';
import type { ChatConfig } from './config/chat-config.ts';
import { aboutOf, actions } from './keys/actions.ts';
import type { Bindings } from './keys/key-map.ts';
import type { TerminalScreen } from './screen/terminal-screen.ts';

interface FaceParts {
  readonly screen: Pick<TerminalScreen, 'ring' | 'notify' | 'notifyTitled' | 'copy'>;
  readonly config: Pick<ChatConfig, 'bindings' | 'clipboard' | 'notify' | 'typing'>;
  readonly alertCommand: Pick<AlertCommand, 'run'>;
  readonly files: FaceFiles;
}

const { dialogs: texts } = tuiTexts;
/** The letters that choose are the first of these. */
const OPEN = 'open';
const COPY = 'copy';

/** What the application asks of a terminal, as the config file wants it. */
export function terminalFace({ alertCommand, config, files, screen }: FaceParts): Face {
  const { bindings, clipboard, notify, typing } = config;
  const copied = (text: string, { notices }: Pick<Telling, 'notices'>): void => {
    screen.copy(text);
    notices.say(texts.copied(text));
  };
  return {
    notify(room, text, failed) {
      if (notify === 'bell') screen.ring();
      else if (notify === 'osc9') screen.notify(visibleLine(text));
      else if (notify === 'osc777') screen.notifyTitled(visibleLine(room), visibleLine(text));
      alertCommand.run(room, text, failed);
    },
    /** It is shown first, whole: others wrote it. */
    async openLink(url, { dialogs, notices }) {
      const isExact = terminalLink(url, '') !== undefined;
      const advice = isExact ? (clipboard ? [] : [texts.copy_advice]) : [texts.link_differs];
      const chosen = await dialogs.page({
        title: texts.link,
        lines: [url, ...(advice.length === 0 ? [] : ['', ...advice])],
        choices: [
          ...(isExact ? [{ id: OPEN, label: texts.open_link }] : []),
          ...(clipboard ? [{ id: COPY, label: texts.copy_link }] : []),
        ],
      });
      if (chosen === OPEN) files.open(url, (error) => notices.refuse(error));
      else if (chosen === COPY) copied(url, { notices });
    },
    /** Or else it is on a page of its own, from which it can be selected. */
    async copy(text, { dialogs, notices }) {
      if (clipboard) copied(text, { notices });
      else await dialogs.page({ title: texts.text, lines: [...text.split('\n'), '', texts.copy_advice] });
    },
    files,
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
