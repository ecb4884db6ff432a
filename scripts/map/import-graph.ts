/** The import graph of `src/`, types included, read from the sources by the TypeScript parser. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export interface ImportGraph {
  /** Each file of src/ without its tests, and the files of src/ that it imports. Paths from the base directory, `/` between. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

export function readImportGraph(baseDir: string): ImportGraph {
  const files = readdirSync(join(baseDir, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `src/${name}`)
    .sort();
  const imports = new Map<string, readonly string[]>();
  for (const file of files) {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(baseDir, file), 'utf8'), true, true);
    const own = importedFiles
      .filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => normalize(join(dirname(file), fileName)))
      .filter((name) => name.startsWith('src/'));
    imports.set(file, [...new Set(own)]);
  }
  return { imports };
}

/** The longest way from import to import; its length is the number of files on it. The graph has no cycles. */
export function longestChain({ imports }: ImportGraph): readonly string[] {
  const known = new Map<string, readonly string[]>();
  const chainFrom = (file: string): readonly string[] => {
    const found = known.get(file);
    if (found !== undefined) return found;
    let longest: readonly string[] = [];
    for (const imported of imports.get(file) ?? []) {
      const chain = chainFrom(imported);
      if (chain.length > longest.length) longest = chain;
    }
    const chain = [file, ...longest];
    known.set(file, chain);
    return chain;
  };
  return [...imports.keys()].map(chainFrom).reduce((a, b) => (b.length > a.length ? b : a), []);
}

/** Folders of which each imports the other, by whatever way: groups of two or more, none is what is wanted. */
export function folderCycles({ imports }: ImportGraph): readonly (readonly string[])[] {
  const edges = new Map<string, Set<string>>();
  for (const [file, imported] of imports) {
    const from = folderOf(file);
    const to = edges.get(from) ?? new Set<string>();
    edges.set(from, to);
    for (const other of imported) if (folderOf(other) !== from) to.add(folderOf(other));
  }
  const reach = (start: string): ReadonlySet<string> => {
    const reached = new Set<string>();
    const open = [start];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const to of edges.get(next) ?? []) {
        if (reached.has(to)) continue;
        reached.add(to);
        open.push(to);
      }
    }
    return reached;
  };
  const reached = new Map([...edges.keys()].map((folder) => [folder, reach(folder)]));
  const groups = new Map<string, string[]>();
  for (const [folder, others] of reached) {
    if (!others.has(folder)) continue;
    const group = [...others].filter((other) => reached.get(other)?.has(folder) === true).sort();
    groups.set(group.join(' '), group);
  }
  return [...groups.values()];
}

/** Imports of files of src/ per file of src/. */
export function importsPerFile({ imports }: ImportGraph): number {
  const count = [...imports.values()].reduce((sum, own) => sum + own.length, 0);
  return count / imports.size;
}

/** The folder itself: `src/app.ts` and `src/main.ts` stand for themselves. */
function folderOf(file: string): string {
  const folder = dirname(file);
  return folder === 'src' ? file : folder;
}
