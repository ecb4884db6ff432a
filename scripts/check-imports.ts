/** Holds all imports against .dependency-cruiser.cjs, and makes sure that no module escaped the check. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const codeFolders: readonly string[] = ['src', 'client', 'loadtest', 'bench', 'scripts', 'test'];

export interface ImportCheck {
  /** `RULE: FROM → TO`, one for each import that a rule refuses. */
  readonly violations: readonly string[];
  /** Files that dependency-cruiser did not look at: without its compiler it sees none, and is content. */
  readonly unseen: readonly string[];
  readonly moduleCount: number;
}

/** Checks the tree below `baseDir`, which has the folders and the tsconfig.json of this project. */
export async function checkImports(baseDir: string): Promise<ImportCheck> {
  const files = codeFolders.flatMap((folder) => listCode(baseDir, folder));
  const options = await extractConfig(rulesFile);
  const { output } = await cruise(
    codeFolders.filter((folder) => files.some((file) => file.startsWith(`${folder}/`))),
    { ...options, baseDir, validate: true },
    undefined,
    { tsConfig: extractTsConfig(join(baseDir, 'tsconfig.json')) },
  );
  if (typeof output === 'string') throw new Error('dependency-cruiser gave a text instead of a result');
  const result: ICruiseResult = output;
  const seen = new Set(
    result.modules.filter((module) => module.valid !== undefined).map((module) => module.source),
  );
  return {
    violations: result.summary.violations.map(({ rule, from, to, cycle }) => {
      const steps = cycle?.map((step) => step.name) ?? [to];
      return `${rule.name}: ${[from, ...steps].join(' → ')}`;
    }),
    unseen: files.filter((file) => !seen.has(file)),
    moduleCount: files.length,
  };
}

const rulesFile = createRequire(import.meta.url).resolve('../.dependency-cruiser.cjs');

function listCode(baseDir: string, folder: string): string[] {
  try {
    return readdirSync(join(baseDir, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
      .map((name) => `${folder}/${name}`);
  } catch {
    // A room that is not written yet.
    return [];
  }
}

async function main(): Promise<number> {
  const { violations, unseen, moduleCount } = await checkImports(process.cwd());
  for (const violation of violations) console.error(violation);
  for (const file of unseen) console.error(`not seen by the import check: ${file}`);
  console.log(`${moduleCount} modules, ${violations.length} forbidden imports`);
  return violations.length + unseen.length === 0 && moduleCount > 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await main();
