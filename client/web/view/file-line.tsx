import type { JSX } from 'preact';
import type { ShownFile } from '../../chat/model/entry-file.ts';
import { fileSizes, fileStateText, percentMoved } from '../../chat/model/entry-words.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { webTexts } from '../../texts/web-texts.ts';
import { FilePreview } from './file-preview.tsx';

const { timeline } = chatTexts;
const { page } = webTexts;

interface FileLineProps {
  readonly file: ShownFile;
  /** Its sender's bytes. */
  readonly thumbnail?: Uint8Array | undefined;
  /** The Tab key leads to its button. */
  readonly isCurrent: boolean;
  /** Absent: it is not on the server yet. */
  readonly save?: () => void;
}

/** Name, kind and size are their sender's words. */
export function FileLine({ file, isCurrent, save, thumbnail }: FileLineProps): JSX.Element {
  const { name, state, type } = file;
  const shown = visibleLine(name);
  const known = state === undefined ? [] : [visibleLine(fileStateText(state))];
  const facts = [...fileSizes(file), visibleLine(type), ...known];
  const percent = percentMoved(state);
  return (
    <div class="file">
      {thumbnail !== undefined && <FilePreview name={shown} thumbnail={thumbnail} />}
      <bdi>{timeline.file(undefined, shown, facts)}</bdi>
      {percent !== undefined && <progress max={100} value={percent} aria-label={shown} />}
      {save !== undefined && percent === undefined && state?.kind !== 'gone' && (
        <button
          type="button"
          class="quiet"
          tabIndex={isCurrent ? 0 : -1}
          aria-label={page.save_file(shown)}
          onClick={save}
        >
          {page.save}
        </button>
      )}
    </div>
  );
}
