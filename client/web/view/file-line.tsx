import type { JSX } from 'preact';
import type { FileState, ShownFile } from '../../chat/model/entry-file.ts';
import { visibleLine } from '../../terminal/visible-text.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { texts } from '../../texts/texts.ts';
import { webTexts } from '../../texts/web-texts.ts';

const { timeline } = chatTexts;
const { page } = webTexts;

interface FileLineProps {
  readonly file: ShownFile;
  /** Absent: it is not on the server yet. */
  readonly save?: () => void;
}

/** Name, kind and size are their sender's words. */
export function FileLine({ file, save }: FileLineProps): JSX.Element {
  const { height, name, size, state, type, width } = file;
  const shown = visibleLine(name);
  const pixels = width === undefined || height === undefined ? [] : [timeline.pixels(width, height)];
  const facts = [texts.words.size(size), ...pixels, visibleLine(type)];
  const known = state === undefined ? [] : [stateText(state)];
  const isMoving = state?.kind === 'reading' || state?.kind === 'sending' || state?.kind === 'receiving';
  return (
    <p class="file">
      <bdi>{timeline.file(undefined, shown, [...facts, ...known])}</bdi>
      {isMoving && <progress max={100} value={state.percent} aria-label={shown} />}
      {save !== undefined && !isMoving && state?.kind !== 'gone' && (
        <button type="button" class="quiet" aria-label={page.save_file(shown)} onClick={save}>
          {page.save}
        </button>
      )}
    </p>
  );
}

function stateText(state: FileState): string {
  switch (state.kind) {
    case 'reading':
    case 'sending':
    case 'receiving':
      return timeline.transfers[state.kind](state.percent);
    case 'saved':
      return timeline.saved(visibleLine(state.place));
    case 'opened':
    case 'gone':
    case 'altered':
      return timeline.file_states[state.kind];
    default:
      return state satisfies never;
  }
}
