import type { Model, Notice } from './model.ts';

/** A warning that nobody puts away stays so long. */
export const WARNING_MS = 10_000;
/** More warnings at a time are not read. */
export const NOTICES_MAX = 8;

/** A warning stands beside the others; anything else takes the place of what was said before. */
export function noticed(model: Model, notice: Notice): Model {
  const kept = model.notices.filter(
    (other) => other.text !== notice.text && (isWarning(notice) || isWarning(other)),
  );
  return { ...model, notices: [...kept, notice].slice(-NOTICES_MAX) };
}

function isWarning({ stays }: Notice): boolean {
  return typeof stays === 'number';
}

/** Something was typed, or sent. */
export function withoutNotices(model: Model, stays: ReadonlyArray<Notice['stays']>): Model {
  return withKept(model, (notice) => !stays.includes(notice.stays));
}

/** The time of some has passed. */
export function withoutOldNotices(model: Model): Model {
  return withKept(model, ({ stays }) => typeof stays !== 'number' || stays > model.now);
}

function withKept(model: Model, isKept: (notice: Notice) => boolean): Model {
  const notices = model.notices.filter(isKept);
  return notices.length === model.notices.length ? model : { ...model, notices };
}
