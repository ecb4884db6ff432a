import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The gateway as another version of the same protocol would be installed: in a folder of its own, with its own number. */
export interface OtherBuild extends AsyncDisposable {
  readonly folder: string;
  readonly version: string;
}

export async function buildOf(version: string): Promise<OtherBuild> {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-build-'));
  await cp('dist', join(folder, 'dist'), { recursive: true });
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  const description = JSON.parse(await readFile('package.json', 'utf8')) as object;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...description, version }));
  return {
    folder,
    version,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
