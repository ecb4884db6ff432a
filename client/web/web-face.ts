import type { Face } from '../chat/face.ts';
import { webTexts } from '../texts/web-texts.ts';
import type { PreferenceStore } from './preferences.ts';
import { shortcutItems } from './view/shortcuts.ts';
import type { WebFiles } from './web-files.ts';
import { showNotification } from './web-notifications.ts';

const OPEN = 'open';

/** What the application asks of a page. `show`: somebody wants to see this room. */
export const webFace = (
  files: WebFiles,
  preferences: PreferenceStore,
  show: (room: string) => void,
): Face => ({
  files,
  notify(room, text) {
    const { hidesNames: isHidden, notify } = preferences.current;
    if (notify) showNotification({ room, text, isHidden, open: () => show(room) });
  },
  async openLink(url, { dialogs }) {
    const { open_link: title, open_link_about, open_link_yes: label } = webTexts.page;
    const chosen = await dialogs.page({
      title,
      lines: [url, '', open_link_about],
      choices: [{ id: OPEN, label }],
    });
    if (chosen === OPEN) window.open(url, '_blank', 'noopener,noreferrer');
  },
  async copy(text, { notices }) {
    try {
      await navigator.clipboard.writeText(text);
      notices.say(webTexts.page.copied);
    } catch {
      notices.say(webTexts.page.copy_failed, 'warning');
    }
  },
  get showsTyping() {
    return preferences.current.typing;
  },
  help: shortcutItems(),
});
