/** So many messages are one page for the keys that turn it. */
const PAGE_MESSAGES = 10;

/** The message in which an element stands. */
export function messageAround(element: Element | null): HTMLElement | null {
  return element?.closest('article') ?? null;
}

/** Messages that are in the document, oldest first. */
export function messagesIn(log: HTMLElement): readonly HTMLElement[] {
  return [...log.querySelectorAll<HTMLElement>('article')];
}

interface LogKeys {
  readonly log: HTMLElement;
  /** Below the newest message, and out of the log. */
  leave(): void;
  toNewest(): void;
}

/**
 * A log is one stop of the Tab key. In it, arrows go from message to message, Enter goes to what can be done to one, arrows from
 * one action to the next, and Escape back. Whether the key was for any of that.
 */
export function pressedInLog(event: KeyboardEvent, keys: LogKeys): boolean {
  const { altKey, ctrlKey, isComposing, metaKey, target } = event;
  if (isComposing || altKey || ctrlKey || metaKey || !(target instanceof Element)) return false;
  const message = messageAround(target);
  if (message === null) return false;
  return target === message
    ? keyOfMessage(event.key, message, keys)
    : keyInMessage(event.key, target, message);
}

function keyOfMessage(key: string, message: HTMLElement, { log, leave, toNewest }: LogKeys): boolean {
  const messages = messagesIn(log);
  const at = messages.indexOf(message);
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowUp: -1, ArrowDown: 1, PageUp: -PAGE_MESSAGES, PageDown: PAGE_MESSAGES },
    Home: -messages.length,
  };
  const step = steps[key];
  if (key === 'Escape' || (key === 'ArrowDown' && at === messages.length - 1)) leave();
  else if (key === 'End') toNewest();
  else if (key === 'Enter') message.querySelector<HTMLElement>('.actions button')?.focus();
  else if (step === undefined) return false;
  else messages[Math.min(Math.max(0, at + step), messages.length - 1)]?.focus();
  return true;
}

function keyInMessage(key: string, target: Element, message: HTMLElement): boolean {
  if (key === 'Escape') {
    message.focus();
    return true;
  }
  const toolbar = target.closest('[role="toolbar"]');
  return toolbar !== null && stepped(key, toolbar, target, { next: 'ArrowRight', before: 'ArrowLeft' });
}

/** Down and up a list of buttons that is one stop of the Tab key. Whether the key was for that. */
export function pressedInList(event: KeyboardEvent, list: Element): boolean {
  const { altKey, ctrlKey, key, metaKey, target } = event;
  if (altKey || ctrlKey || metaKey || !(target instanceof Element)) return false;
  return stepped(key, list, target, { next: 'ArrowDown', before: 'ArrowUp' });
}

function stepped(
  key: string,
  group: Element,
  target: Element,
  { next, before }: { readonly next: string; readonly before: string },
): boolean {
  const buttons = [...group.querySelectorAll<HTMLElement>('button')];
  const at = buttons.findIndex((button) => button.isSameNode(target));
  if (at < 0 || (key !== next && key !== before)) return false;
  buttons[(at + (key === next ? 1 : -1) + buttons.length) % buttons.length]?.focus();
  return true;
}
