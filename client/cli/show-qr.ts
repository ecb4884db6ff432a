import { blackOnWhite, qrRows } from '../terminal/qr.ts';
import type { CommandContext } from './command-context.ts';
import { terminalColumns } from './terminal.ts';

/** A QR code, for people whose terminal has the width. */
export function showQr(
  { output, settings, stdout }: Pick<CommandContext, 'output' | 'settings' | 'stdout'>,
  text: string,
): void {
  const columns = terminalColumns(stdout);
  if (columns === undefined || output.json) return;
  const rows = qrRows(text, settings.colours ? 'dark' : 'light');
  if ((rows[0]?.length ?? 0) > columns) return;
  for (const row of rows) stdout.write(`${settings.colours ? blackOnWhite(row) : row}\n`);
}
