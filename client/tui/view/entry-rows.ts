import { clockTime } from '../../chat/model/dates.ts';
import {
  type Answered,
  type Echo,
  type Entry,
  type EventEntry,
  type GapEntry,
  type Ignored,
  type MessageEntry,
  type ReactionCount,
  shownReactions,
} from '../../chat/model/entry.ts';
import {
  actionOf,
  insteadOfText,
  passingText,
  quotedLine,
  writtenText,
} from '../../chat/model/entry-words.ts';
import { textWidth } from '../../terminal/text-width.ts';
import { visibleLine, visibleText } from '../../terminal/visible-text.ts';
import { truncate, wrapText } from '../../terminal/wrap-text.ts';
import { texts } from '../../texts/texts.ts';
import { tuiTexts } from '../../texts/tui-texts.ts';
import { DEFAULT_HINTS, type KeyHints } from '../keys/key-hints.ts';
import { fileText } from './file-text.ts';
import { fitted, linkedRows, type Piece, piece, type Style, type StyledRow } from './styled-row.ts';

const TIME_COLUMNS = 5;
const NAME_COLUMNS_MAX = 14;
const NAME_COLUMNS_MIN = 6;
/** With less beside the name, the text stands below it, behind a line so that no text looks like another name. */
const BODY_COLUMNS_MIN = 12;
const BODY_LINE = '│ ';
/** Rows that one message takes at most: a flood of line ends must not put everything before it out of reach. */
export const ENTRY_ROWS_MAX = 300;
/** Before the name of whoever reads, as before the input. Names are letters and digits: nobody else's looks like it. */
const OWN_MARK = '›';
/** Colours that names are told apart by. */
export const NAME_STYLES = 8;

const { timeline } = tuiTexts;

/** No emoji is wider: a reaction that is a word has no room to look like a remark. */
const REACTION_COLUMNS_MAX = 4;

/** Visible text of one or more lines, which is wrapped into pieces, or (`isCut`) a line of which only the beginning is shown. */
interface Part {
  readonly isCut?: boolean;
  /** Addresses in it are links with ids that begin like this; undefined: they are not. */
  readonly linkId?: string;
  readonly text: string;
  readonly style: Style;
}

const part = (text: string, style: Style = 'plain'): Part => ({ text, style });

/** Rows of one entry. They are kept with the entry as long as the width, and who is ignored, stay the same. */
export class EntryRows {
  readonly hints: KeyHints;
  readonly #columns: number;
  readonly #ignored: Ignored;
  readonly #nameColumns: number;
  readonly #rows = new WeakMap<Entry | Echo, readonly StyledRow[]>();
  readonly #selected = new WeakMap<Entry | Echo, readonly StyledRow[]>();

  constructor(columns: number, ignored: Ignored = new Set(), hints: KeyHints = DEFAULT_HINTS) {
    this.hints = hints;
    this.#columns = columns;
    this.#ignored = ignored;
    this.#nameColumns = Math.min(NAME_COLUMNS_MAX, Math.max(NAME_COLUMNS_MIN, Math.floor(columns / 5)));
  }

  isFor(columns: number, ignored: Ignored): boolean {
    return this.#columns === columns && this.#ignored === ignored;
  }

  get columns(): number {
    return this.#columns;
  }

  of(item: Entry | Echo, isSelected = false): readonly StyledRow[] {
    const kept = isSelected ? this.#selected : this.#rows;
    const known = kept.get(item);
    if (known !== undefined) return known;
    const rows = isSelected
      ? this.of(item).map((row) => fitted(row.map(asSelected), this.#columns, 'selected'))
      : this.#build(item);
    kept.set(item, rows);
    return rows;
  }

  /** Where texts begin. */
  get #indent(): number {
    return TIME_COLUMNS + 1 + this.#nameColumns + 2;
  }

  /** In the place of what is hidden. */
  hidden(text: string): readonly StyledRow[] {
    const rows = this.#block('', piece(''), piece(' '), [part(text, 'dim')]);
    return this.#isBeside ? rows : rows.slice(1);
  }

  get #isBeside(): boolean {
    return this.#columns - this.#indent >= BODY_COLUMNS_MIN;
  }

  #build(item: Entry | Echo): readonly StyledRow[] {
    if (!('kind' in item)) return this.#echo(item);
    switch (item.kind) {
      case 'message':
        return this.#message(item);
      case 'gap':
        return this.#gap(item);
      case 'event':
        return this.#event(item);
      default:
        return item satisfies never;
    }
  }

  #message(message: MessageEntry): readonly StyledRow[] {
    const { from, user, own, mention, status, text, reason, trust } = message;
    const name: Style = mention ? 'mention' : own ? 'strong' : nameStyle(user);
    const time = clockTime(message.at);
    if (status !== 'ok') {
      // Not by a key of whoever it claims to be from: it is nobody's own.
      const fault = timeline.fault(texts.words.status[status], visibleLine(reason ?? timeline.no_reason));
      return this.#block(time, piece(from, name), piece('!', 'error'), [part(fault, 'error')]);
    }
    const mark = own ? OWN_MARK : '';
    const remarks = [...remarksOn(message), ...reactionsTo(shownReactions(message.reactions, this.#ignored))];
    const sign = trust === 'changed' ? piece('!', 'error') : own ? piece('✓', 'dim') : piece(' ');
    const instead = insteadOfText(message);
    if (instead !== undefined)
      return this.#block(time, piece(mark + from, name), sign, [
        part(visibleLine(instead), 'dim'),
        ...remarks,
      ]);
    const answers = this.#answers(message.answers);
    const action = actionOf(text);
    const body = {
      ...part(visibleText(action === undefined ? text : `${from} ${action}`)),
      linkId: `${message.seq}`,
    };
    const label = piece(mark + (action === undefined ? from : '*'), name);
    return this.#block(time, label, sign, [...answers, body, ...this.#files(message), ...remarks]);
  }

  /** A row of its own above the answer. */
  #answers(answers: Answered | undefined): readonly Part[] {
    if (answers === undefined) return [];
    const text = visibleLine(quotedLine(answers, this.#ignored));
    return [{ text, style: 'dim', isCut: true }];
  }

  #gap({ from, missing }: GapEntry): readonly StyledRow[] {
    const text = timeline.gap(missing, from);
    return this.#block('', piece('--', 'error'), piece('!', 'error'), [part(text, 'error')]);
  }

  #event({ at, text, tone }: EventEntry): readonly StyledRow[] {
    const style = tone === 'warning' ? 'warning' : 'dim';
    return this.#block(clockTime(at), piece('--', style), piece(' '), [part(visibleLine(text), style)]);
  }

  #echo(echo: Echo): readonly StyledRow[] {
    const { key, from, at, text, answers, state, reason } = echo;
    const files = this.#files(echo);
    const action = actionOf(text);
    const name = piece(OWN_MARK + (action === undefined ? from : '*'), 'strong');
    const said = part(visibleText(action === undefined ? text : `${from} ${action}`));
    const above = this.#answers(answers);
    switch (state) {
      case 'pending':
        return this.#block(clockTime(at), name, piece('…', 'accent'), [
          ...above,
          { ...said, style: 'dim' },
          ...files,
        ]);
      case 'sent':
        return this.#block(clockTime(at), name, piece('✓', 'dim'), [
          ...above,
          { ...said, linkId: `e${key}` },
          ...files,
        ]);
      case 'failed':
        return this.#block(clockTime(at), name, piece('✗', 'error'), [
          ...above,
          { ...said, style: 'dim' },
          ...files,
          part(
            timeline.not_sent(visibleLine(reason ?? timeline.no_reason), this.hints.of('retry-failed')),
            'error',
          ),
        ]);
      default:
        return state satisfies never;
    }
  }

  /** A row for each. */
  #files(item: MessageEntry | Echo): readonly Part[] {
    const key = this.hints.of('cancel');
    const ofEntry = 'kind' in item ? (item.files ?? []) : [];
    const ofEcho = 'kind' in item ? [] : (item.files ?? []);
    return [
      ...ofEntry.map((file) => fileText(file, file.number, key)),
      ...ofEcho.map((file) => fileText(file, undefined, key)),
    ].map((text) => part(text, 'accent'));
  }

  /**
   * The first part of the body begins beside the name; each further part has rows of its own. A name is never cut, since two long
   * ones would then look alike: one that is wider than its column has a row to itself.
   */
  #block(time: string, name: Piece, sign: Piece, body: readonly Part[]): readonly StyledRow[] {
    const head: StyledRow = [
      piece(time.padEnd(TIME_COLUMNS + 1), 'dim'),
      ...rightAligned(name, this.#nameColumns),
      sign,
    ];
    const before = this.#isBeside ? piece(' '.repeat(this.#indent)) : piece(BODY_LINE, 'dim');
    const width = this.#columns - textWidth(before.text);
    const all = body.flatMap((each) => rowsOf(each, width));
    const lines: readonly StyledRow[] =
      all.length <= ENTRY_ROWS_MAX
        ? all
        : [
            ...all.slice(0, ENTRY_ROWS_MAX - 1),
            [piece(timeline.more_rows(all.length - ENTRY_ROWS_MAX + 1), 'dim')],
          ];
    if (!this.#isBeside || textWidth(name.text) > this.#nameColumns)
      return [head, ...lines.map((line) => [before, ...line])];
    return lines.map((line, at) => (at === 0 ? [...head, piece(' '), ...line] : [before, ...line]));
  }
}

const asSelected = (each: Piece): Piece => ({ ...each, style: 'selected' });

function rowsOf({ text, style, isCut = false, linkId }: Part, columns: number): readonly StyledRow[] {
  if (isCut) return [[piece(truncate(text, columns), style)]];
  if (linkId !== undefined) return linkedRows(text, columns, style, linkId);
  return wrapText(text, columns).map((line) => [piece(line, style)]);
}

/** A sender's own time is nobody's fault: whoever writes offline sends it later. */
function remarksOn(message: MessageEntry): readonly Part[] {
  const { at, sentAt, edited, marks } = message;
  const warnings = marks.map((mark) => part(timeline.mark(timeline.marks[mark]), 'warning'));
  const passing = passingText(message).map((text) => part(text, 'dim'));
  const changed = edited ? [part(timeline.edited, 'dim')] : [];
  const remarks = [...changed, ...passing, ...warnings];
  if (sentAt === undefined) return remarks;
  return [part(writtenText(sentAt, at), 'dim'), ...remarks];
}

function reactionsTo(reactions: readonly ReactionCount[]): readonly Part[] {
  if (reactions.length === 0) return [];
  const counts = reactions.map(
    ({ emoji, count }) => `${truncate(visibleLine(emoji), REACTION_COLUMNS_MAX)} ${count}`,
  );
  return [{ text: counts.join('  '), style: 'dim', isCut: true }];
}

/** The space before a name has no style, so that a marked name is no wider than itself. */
function rightAligned({ text, style }: Piece, columns: number): readonly Piece[] {
  return [piece(' '.repeat(Math.max(0, columns - textWidth(text)))), piece(text, style)];
}

/** The same user has the same colour everywhere. */
export function nameStyle(user: string): Style {
  return `name-${Number.parseInt(user.slice(0, 4), 16) % NAME_STYLES}`;
}

/** Wrapped entries for the present width, and for who is ignored: another one begins anew. */
export class RowCache {
  readonly #hints: KeyHints;
  #rows: EntryRows = new EntryRows(0);

  constructor(hints: KeyHints = DEFAULT_HINTS) {
    this.#hints = hints;
  }

  rows(columns: number, ignored: Ignored): EntryRows {
    if (!this.#rows.isFor(columns, ignored)) this.#rows = new EntryRows(columns, ignored, this.#hints);
    return this.#rows;
  }
}
