const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The nearest border between characters at or after `at`; UTF-16 offsets here and below. */
export function borderFrom(text: string, at: number): number {
  if (at <= 0) return 0;
  const segment = graphemes.segment(text).containing(at);
  if (segment === undefined) return text.length;
  return segment.index === at ? at : segment.index + segment.segment.length;
}

/** The border before `at`, or 0. */
export function borderBefore(text: string, at: number): number {
  return graphemes.segment(text).containing(at - 1)?.index ?? 0;
}

/** The border after `at`, or the end. */
export function borderAfter(text: string, at: number): number {
  return borderFrom(text, Math.min(at + 1, text.length));
}

export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** The beginning of the word before `at`; from the beginning of a line it is the end of the line before. */
export function wordBefore(text: string, at: number): number {
  const start = lineStart(text, at);
  if (start === at) return Math.max(0, at - 1);
  let found = start;
  for (const { index, isWordLike } of words.segment(text.slice(start, at)))
    if (isWordLike === true) found = start + index;
  return found;
}

/** The end of the word after `at`; from the end of a line it is the beginning of the next. */
export function wordAfter(text: string, at: number): number {
  const end = lineEnd(text, at);
  if (end === at) return Math.min(text.length, at + 1);
  for (const { index, segment, isWordLike } of words.segment(text.slice(at, end)))
    if (isWordLike === true) return at + index + segment.length;
  return end;
}
