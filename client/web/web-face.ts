import type { Face } from '../chat/face.ts';
import { webTexts } from '../texts/web-texts.ts';
import { shortcutItems } from './view/shortcuts.ts';
import type { WebFiles } from './web-files.ts';

const OPEN = 'open';

/** What the application asks of a page. What somebody should hear of shows in the title. */
export const webFace = (files: WebFiles): Face => ({
  files,
  notify: () => undefined,
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
  showsTyping: true,
  help: shortcutItems(),
});
