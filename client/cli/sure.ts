import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { usage } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What can't be undone is done when --yes was given, or a person at the terminal says so. Without either it is refused. */
export interface SureOptions {
  readonly yes?: boolean;
}

type Asking = Pick<Terminal, 'line'>;

/** `question`: without the answers to choose from. */
export async function insistOnYes(
  terminal: Asking,
  { yes = false }: SureOptions,
  question: string,
): Promise<void> {
  if (yes) return;
  const answer = await terminal.line(filled(cliTexts.asked.yes_or_no, { question }), cliTexts.usage.give_yes);
  if (!cliTexts.asked.yes.test(answer.trim())) throw usage(cliTexts.usage.nothing_done);
}

/** For the gravest: a yes is typed before one has read what to. */
export async function insistOnName(
  terminal: Asking,
  { yes = false }: SureOptions,
  {
    name,
    question,
    otherName,
  }: { readonly name: string; readonly question: string; readonly otherName: string },
): Promise<void> {
  if (yes) return;
  const answer = await terminal.line(question, cliTexts.usage.give_yes);
  if (answer.trim().toLowerCase() !== name.toLowerCase()) throw usage(otherName);
}
