import type { JSX } from 'preact';
import type { StartPage as Start } from '../../chat/model/model.ts';
import { visibleLine } from '../../terminal/visible-text.ts';

/** What the first run has come to, and what goes on. */
export function StartPage({ start: { busy, lines } }: { readonly start: Start }): JSX.Element {
  return (
    <>
      <dl>
        {lines.map(({ label, text }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{visibleLine(text)}</dd>
          </div>
        ))}
      </dl>
      <p role="status">{busy === undefined ? '' : visibleLine(busy)}</p>
      {busy !== undefined && <progress aria-label={visibleLine(busy)} />}
    </>
  );
}
