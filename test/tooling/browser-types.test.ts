import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** The compiler's answer about the folders that run in browsers. */
function compiled(...options: readonly string[]): string {
  const compiler = 'node_modules/typescript-native/bin/tsc';
  try {
    const args = [compiler, '--noEmit', '-p', 'tsconfig.browser.json', ...options];
    return execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

it('what runs in browsers is compiled without the types of Node, so that none of its globals is known there', () => {
  const files = compiled('--listFilesOnly');
  for (const file of ['chat/application.ts', 'texts/texts.ts', 'sdk/client.ts', 'crypto/seal.ts'])
    expect(files).toContain(`client/${file}`);
  expect(files).not.toContain('@types/node');
});
