import { admin, adminRefusals, adminSaid } from './admin.ts';
import { adminCommands } from './admin-commands.ts';
import { agent } from './agent.ts';
import { asked } from './asked.ts';
import { bot } from './bot.ts';
import { commands } from './commands.ts';
import { checks, doctor } from './doctor.ts';
import { programs } from './programs.ts';
import { headings, said } from './said.ts';
import { sending } from './sending.ts';
import { usage } from './usage.ts';

/** What the command lines say. */
export const cliEnglish = {
  programs,
  commands,
  adminCommands,
  usage,
  asked,
  said,
  headings,
  sending,
  bot,
  agent,
  doctor,
  checks,
  admin,
  adminRefusals,
  adminSaid,
} as const;
