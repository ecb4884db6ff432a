import { useEffect } from 'preact/hooks';
import type { Dialogs } from '../../chat/dialogs.ts';
import type { PickerItem } from '../../chat/model/dialog.ts';
import { webTexts } from '../../texts/web-texts.ts';
import type { Acting } from './acting.ts';
import { focusInput, focusLog } from './use-kept-focus.ts';

const { page } = webTexts;

/** For the help, after the commands. */
export function shortcutItems(): readonly PickerItem[] {
  return page.shortcuts.map(([label = '', detail = ''], at) => ({ id: `shortcut-${at}`, label, detail }));
}

export async function showShortcuts(dialogs: Pick<Dialogs, 'page'>): Promise<void> {
  const lines = page.shortcuts.map(([keys = '', about = '']) => page.shortcut(keys, about));
  await dialogs.page({ title: page.shortcuts_title, lines });
}

/** Keys that work wherever the focus is. `uncover`: puts away what covers the conversation; false: nothing does. */
export function useShortcuts(acting: Acting, uncover: () => boolean): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { dialogs } = acting.application;
      // The settings are a dialog of the page alone.
      if (dialogs.isOpen || document.querySelector('dialog[open]') !== null) return;
      if (event.isComposing || event.defaultPrevented) return;
      const work = workOf(event, acting, uncover);
      if (work === undefined) return;
      event.preventDefault();
      acting.run(work);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [acting, uncover]);
}

function workOf(
  { altKey, ctrlKey, key, metaKey, shiftKey }: KeyboardEvent,
  { application, chat }: Acting,
  uncover: () => boolean,
): (() => Promise<void> | void) | undefined {
  const isControl = ctrlKey || metaKey;
  if (key === 'Escape') return () => (uncover() ? undefined : chat.cancel());
  if (key === 'F6') return () => toNextPart(shiftKey ? -1 : 1);
  if (altKey && (key === 'ArrowUp' || key === 'ArrowDown'))
    return () => chat.rooms.step(key === 'ArrowUp' ? -1 : 1);
  if (altKey && key.toLowerCase() === 'n') return () => chat.nextUnread();
  if (isControl && key.toLowerCase() === 'k') return () => chat.switchRoom();
  if (isControl && key === '/') return () => showShortcuts(application.dialogs);
  return undefined;
}

/** In the order of the page. `focus` of one that is not shown does nothing. */
const PARTS = [
  { within: '#rooms', focus: () => focusStop('#rooms') },
  { within: '.scroller', focus: focusLog },
  { within: '.composer', focus: focusInput },
  { within: '#members', focus: () => focusStop('#members') },
] as const;

function focusStop(part: string): void {
  const list = document.querySelector(part);
  const stop = list?.querySelector<HTMLElement>('[tabindex="0"]') ?? list?.querySelector('button');
  stop?.focus();
}

/** The next one that takes the focus; lists may be hidden. */
function toNextPart(step: 1 | -1): void {
  const { activeElement } = document;
  const inside = PARTS.findIndex(({ within }) => activeElement?.closest(within) != null);
  const at = inside < 0 && step === -1 ? 0 : inside;
  for (let tried = 1; tried <= PARTS.length; tried += 1) {
    PARTS[(at + step * tried + 2 * PARTS.length) % PARTS.length]?.focus();
    if (document.activeElement !== activeElement) return;
  }
}
