// npm run check: everything that can be said about the code without running it. Works in a fresh clone.
import { spawn } from 'node:child_process';
import { installPackages } from './bootstrap.mjs';

const steps = [
  ['types', 'node_modules/typescript-native/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['types in browsers', 'node_modules/typescript-native/bin/tsc', '--noEmit', '-p', 'tsconfig.browser.json'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ['imports', 'node_modules/tsx/dist/cli.mjs', 'scripts/check-imports.ts'],
  ['depth', 'node_modules/tsx/dist/cli.mjs', 'scripts/map.ts', '--check'],
  ['generated documentation', 'node_modules/tsx/dist/cli.mjs', 'scripts/docs.ts', '--check'],
  ['texts', 'node_modules/tsx/dist/cli.mjs', 'scripts/texts.ts', '--check'],
  ['promises of SECURITY.md', 'node_modules/tsx/dist/cli.mjs', 'scripts/check-promises.ts'],
  ['dead code', 'node_modules/knip/bin/knip.js', '--no-progress'],
];

function run([name, ...command]) {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (bytes) => output.push(bytes));
    child.stderr.on('data', (bytes) => output.push(bytes));
    child.once('close', (code) => {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}

// The types of bench/ are checked as well.
if (!(await installPackages('.')) || !(await installPackages('bench'))) process.exit(1);
const passed = await Promise.all(steps.map(run));
process.exit(passed.every(Boolean) ? 0 : 1);
