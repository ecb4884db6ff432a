import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  folderCycles,
  type ImportGraph,
  longestChain,
  readImportGraph,
} from '../../scripts/map/import-graph.ts';

/** The graph of a tree of files, each given as what it imports. */
function graphOf(tree: Readonly<Record<string, readonly string[]>>): ImportGraph {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-map-'));
  try {
    for (const [file, imported] of Object.entries(tree)) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), imported.map((name) => `import type { x } from '${name}';\n`).join(''));
    }
    return readImportGraph(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('the longest chain follows imports of types too, and names every file on it', () => {
  const graph = graphOf({
    'src/a.ts': ['./core/b.ts', './core/d.ts'],
    'src/core/b.ts': ['./c.ts', 'node:fs', 'p-map'],
    'src/core/c.ts': ['./d.ts'],
    'src/core/d.ts': [],
    'src/core/d.test.ts': ['../a.ts'],
  });
  expect(longestChain(graph)).toEqual(['src/a.ts', 'src/core/b.ts', 'src/core/c.ts', 'src/core/d.ts']);
});

test('folders that reach each other through a third one are a cycle, though no file is in one', () => {
  const oneWay = { 'src/a/x.ts': ['../b/y.ts'], 'src/b/y.ts': ['../c/z.ts'], 'src/c/z.ts': [] };
  expect(folderCycles(graphOf(oneWay))).toEqual([]);
  const around = { ...oneWay, 'src/c/w.ts': ['../a/v.ts'], 'src/a/v.ts': [] };
  expect(folderCycles(graphOf(around))).toEqual([['src/a', 'src/b', 'src/c']]);
});

test('a folder and the folder inside it count as two', () => {
  const graph = graphOf({
    'src/p/x.ts': ['./q/y.ts'],
    'src/p/q/y.ts': ['../z.ts'],
    'src/p/z.ts': [],
  });
  expect(folderCycles(graph)).toEqual([['src/p', 'src/p/q']]);
});
