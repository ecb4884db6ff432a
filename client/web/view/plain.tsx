import type { ComponentChildren, JSX } from 'preact';
import { chatTexts } from '../../texts/chat-texts.ts';

/** One thing to read, in the middle of the page. */
export function Plain({
  title = chatTexts.status.product,
  text,
  children,
}: {
  readonly title?: string;
  readonly text?: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <main class="plain">
      <h1>{title}</h1>
      {text !== undefined && <p role="status">{text}</p>}
      {children}
    </main>
  );
}
