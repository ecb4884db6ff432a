import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Where every string for people comes from the catalogue. */
const FOLDERS = [
  'client/texts',
  'client/cli',
  'client/admin',
  'client/profile',
  'client/sdk',
  'client/chat',
  'client/tui',
  'client/web',
] as const;
/** Faults of the program itself, which no person is meant to read. */
const FOR_PROGRAMMERS: ReadonlySet<string> = new Set([
  'Error',
  'RangeError',
  'TypeError',
  'CommandCancelled',
  'StartCancelled',
]);
/** Attributes of elements that a browser reads, and nobody else. */
const FOR_BROWSERS: ReadonlySet<string> = new Set(['class', 'rel']);
/** Which of their arguments people read, even a single word; with a dot, of methods only. */
const SHOWING: ReadonlyMap<string, 'all' | number> = new Map<string, 'all' | number>([
  ['failure', 'all'],
  ['line', 'all'],
  ['newSecret', 'all'],
  ['note', 'all'],
  ['progress', 'all'],
  ['secret', 'all'],
  ['usage', 'all'],
  ['.confirm', 'all'],
  ['.say', 0],
  ['.warn', 0],
  ['part', 0],
  ['piece', 0],
  ['ranked', 1],
  ['ruler', 0],
]);
/** Two words, one after the other, are language. */
const language = /\p{L}{2,} \p{L}{2,}/u;

/** Strings of several words that are none of the catalogue's, by file, with the reason. */
const exceptions: Readonly<Record<string, RegExp>> = {
  // What a shell runs, in its own language.
  'client/cli/completion/bash-completion.ts': /./,
  'client/cli/completion/fish-completion.ts': /./,
  'client/cli/completion/zsh-completion.ts': /./,
  // Selectors of style sheets.
  'client/web/view/log-keys.ts': /^\.actions /,
  'client/web/view/use-kept-focus.ts': /^\.scroller /,
  // Style sheet and markup.
  'client/cli/commands/history-html.ts': /^\s*(:root|<)/,
  // Lines that are typed as they are, in any language.
  'client/cli/program.ts': /^conclave /,
  'client/admin/admin-program.ts': /^conclave-admin /,
  // The name of a check, and of the command line's faults in JSON: both are data.
  'client/cli/commands/doctor.ts': /^(open files|keys of )/,
  // Labels of keys.
  'client/profile/open-message-cache.ts': /^conclave message cache$/,
  'client/web/storage/web-profile.ts': /^conclave message cache$/,
  // A program for another process.
  'client/profile/lmdb-probe.ts': /require\(library\)/,
  // Causes, for reports.
  'client/sdk/connection/connection.ts': /./,
  'client/sdk/connection/connection-lost.ts': /^close code /,
  'client/sdk/connection/link.ts': /^call connect first$/,
  'client/sdk/rooms/room-reader.ts': /^history takes one of after and before$/,
};

interface StrayText {
  /** `file:line`. */
  readonly place: string;
  readonly text: string;
}

export function strayTexts(): readonly StrayText[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.test)\.tsx?$/.test(file) && !/^(?:english|german)\//.test(file))
      .map((file) => join(folder, file)),
  ).flatMap((file) =>
    strayIn(file, readFileSync(file, 'utf8')).filter(({ text }) => exceptions[file]?.test(text) !== true),
  );
}

/** Of one file, without exceptions. */
export function strayIn(file: string, source: string): readonly StrayText[] {
  const found: StrayText[] = [];
  const root = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || isForProgrammers(node)) return;
    if (ts.isJsxAttribute(node) && FOR_BROWSERS.has(node.name.getText())) return;
    const text = wordsOf(node);
    if (text !== undefined && (language.test(text) || (isShown(node) && /\p{L}{2,}/u.test(text)))) {
      const { line } = root.getLineAndCharacterOfPosition(node.getStart());
      found.push({ place: `${file}:${line + 1}`, text });
    }
    node.forEachChild(visit);
  };
  visit(root);
  return found;
}

/** The words of a literal, with a sign for each value in it. */
function wordsOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `·${literal.text}`).join('');
}

function isForProgrammers(node: ts.Node): boolean {
  return ts.isNewExpression(node) && FOR_PROGRAMMERS.has(node.expression.getText());
}

function isShown(node: ts.Node): boolean {
  const { parent } = node;
  if (!ts.isCallExpression(parent)) return false;
  const called = parent.expression;
  const isMethod = ts.isPropertyAccessExpression(called);
  const name = isMethod ? called.name.text : called.getText();
  const which = SHOWING.get(name) ?? (isMethod ? SHOWING.get(`.${name}`) : undefined);
  return which === 'all' || (which !== undefined && parent.arguments[which] === node);
}
