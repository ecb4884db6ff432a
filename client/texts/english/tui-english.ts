import { actions, sections } from './tui/actions.ts';
import { config, settings } from './tui/config.ts';
import { alerts, bare, bars, dialogs, editor, keys, pictures, start, timeline } from './tui/screen.ts';

/** What only the terminal's face says. */
export const tuiEnglish = {
  sections,
  actions,
  keys,
  settings,
  config,
  bars,
  timeline,
  bare,
  editor,
  dialogs,
  start,
  alerts,
  pictures,
} as const;
