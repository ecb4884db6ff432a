import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Where somebody writes: whoever was led nowhere goes on there. */
export function focusInput(): void {
  document.getElementById('input')?.focus();
}

/** The message that the Tab key leads to, or the log that has none. */
export function focusLog(): void {
  document.querySelector<HTMLElement>('.scroller article[tabindex="0"], .scroller[tabindex="0"]')?.focus();
}

/** The last message that is in the document. */
export function focusNewest(): void {
  const messages = document.querySelectorAll<HTMLElement>('.scroller article');
  messages[messages.length - 1]?.focus();
}

/**
 * What had the focus may go: a message that was removed, a room that was left, the button that opened a dialog. Then the input
 * has it, and nobody has to find the way from the top of the page. A click beside everything takes the focus away as ever.
 */
export function useKeptFocus(): void {
  const last = useRef<Element>();
  useEffect(() => {
    const came = ({ target }: FocusEvent): void => {
      if (target instanceof Element) last.current = target;
    };
    addEventListener('focusin', came);
    return () => removeEventListener('focusin', came);
  }, []);
  useLayoutEffect(() => {
    const { activeElement, body } = document;
    if (activeElement !== null && activeElement !== body) return;
    const before = last.current;
    if (before !== undefined && !(before.isConnected && before.checkVisibility())) focusInput();
  });
}
