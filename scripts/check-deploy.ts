/**
 * npm run check:deploy: what cannot run without Docker or Kubernetes is read here by the libraries that will read it, and
 * held against what the rest of deploy/ promises. Needs Go; installs everything else into .cache/.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from '../test/support/programs/go-program.ts';
import { composeProblems } from './deploy/compose-rules.ts';
import { documentedSecrets, referenceProblems } from './deploy/kubernetes-references.ts';
import { kubernetesProblems } from './deploy/kubernetes-rules.ts';
import { preparePython } from './python-environment.ts';

const readerFolder = join('test', 'deploy', 'manifest-reader');
const cacheDir = join('.cache', 'deploy-check');
const pythonDir = join(cacheDir, 'python');
const schemas = 'kubernetes-validate==1.37.0';
/** The oldest that the manifests are for, and the newest that there are schemas of. */
const kubernetesVersions: readonly string[] = ['1.31', '1.37'];
const overlays: readonly string[] = ['small', 'large'];

const composeRuns: ReadonlyArray<readonly [name: string, args: readonly string[]]> = [
  ['compose', ['docker-compose.yml']],
  ['compose, profile observe', ['--profile', 'observe', 'docker-compose.yml']],
  [
    'compose, profile load',
    ['--profile', 'load', 'docker-compose.yml', join('deploy', 'load', 'compose.yml')],
  ],
  ['compose with TLS', ['docker-compose.yml', join('deploy', 'haproxy', 'compose.tls.yml')]],
  ['compose with S3', ['docker-compose.yml', join('deploy', 's3', 'compose.yml')]],
];

/** Gives what is wrong, nothing when all holds. */
async function deployProblems(): Promise<readonly string[]> {
  const say = (line: string): void => console.error(line);
  const reader = await goProgram(readerFolder, say);
  if (!reader.ok) return [reader.problem];
  const collector = await goProgram(join('test', 'deploy', 'mongo-collector'), say);
  if (!collector.ok) return [collector.problem];
  const missing = preparePython(pythonDir, [schemas], say);
  if (missing !== undefined) return [missing];
  return [
    ...composeRuns.flatMap(([name, args]) => checkCompose(reader.path, name, args)),
    ...overlays.flatMap((overlay) => checkOverlay(reader.path, overlay)),
    ...checkCollector(collector.path),
  ];
}

function checkCompose(reader: string, name: string, args: readonly string[]): readonly string[] {
  const env = { ...process.env, CONCLAVE_PUBLIC_URLS: 'wss://chat.example.org' };
  const read = spawnSync(reader, ['compose', ...args], { encoding: 'utf8', env });
  if (read.status !== 0) return [`${name}: ${read.stderr.trim()}`];
  return composeProblems(JSON.parse(read.stdout)).map((problem) => `${name}: ${problem}`);
}

function checkOverlay(reader: string, overlay: string): readonly string[] {
  const dir = join('deploy', 'kubernetes', 'overlays', overlay);
  const built = spawnSync(reader, ['kustomize', dir], { encoding: 'utf8' });
  if (built.status !== 0) return [`${overlay}: ${built.stderr.trim()}`];
  const manifests: unknown = JSON.parse(built.stdout);
  const secrets = documentedSecrets(readFileSync(join('docs', 'operations.md'), 'utf8'));
  const problems = [...kubernetesProblems(manifests), ...referenceProblems(manifests, secrets)].map(
    (problem) => `${overlay}: ${problem}`,
  );
  for (const version of kubernetesVersions) {
    const args = [join(readerFolder, 'kubernetes.py'), version];
    const valid = spawnSync(join(pythonDir, 'bin', 'python'), args, {
      encoding: 'utf8',
      input: built.stdout,
    });
    if (valid.status !== 0) problems.push(`${overlay}, Kubernetes ${version}: ${valid.stderr.trim()}`);
  }
  return problems;
}

function checkCollector(collector: string): readonly string[] {
  mkdirSync(cacheDir, { recursive: true });
  const password = join(cacheDir, 'any-password');
  writeFileSync(password, 'any');
  const file = join('deploy', 'mongo', 'collector.yml');
  const env = { ...process.env, MONGO_PASSWORD_FILE: password };
  const valid = spawnSync(collector, ['validate', '--config', file], { encoding: 'utf8', env });
  return valid.status === 0 ? [] : [`${file}: ${valid.stderr.trim()}`];
}

const problems = await deployProblems();
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? 'deploy/ is valid' : `deploy/ has ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
