import { webTexts } from '../texts/web-texts.ts';

const { page } = webTexts;

/** Whether the browser shows them; `unasked`: it would have to ask. */
export function notificationState(): 'shown' | 'refused' | 'unasked' | 'missing' {
  if (!('Notification' in globalThis)) return 'missing';
  const { permission } = Notification;
  return permission === 'granted' ? 'shown' : permission === 'denied' ? 'refused' : 'unasked';
}

/** Browsers ask only where somebody clicked. Whether they may be shown. */
export async function askForNotifications(): Promise<boolean> {
  if (notificationState() === 'unasked') await Notification.requestPermission();
  return notificationState() === 'shown';
}

export interface Told {
  readonly room: string;
  readonly text: string;
  /** It names neither people nor rooms. */
  readonly isHidden: boolean;
  /** Somebody clicked it. */
  open(): void;
}

/** One for each room: the newest takes the place of the one before. */
export function showNotification({ room, text, isHidden, open }: Told): void {
  if (notificationState() !== 'shown') return;
  const [title, body] = isHidden ? [page.notification_title, page.notification_hidden] : [room, text];
  try {
    const shown = new Notification(title, { body, tag: room, icon: '/icon.svg' });
    shown.addEventListener('click', () => {
      shown.close();
      window.focus();
      open();
    });
  } catch {
    // Some browsers let only a service worker show them; the title still counts.
  }
}
