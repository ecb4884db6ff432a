import { logEvents } from '../src/ports/log-events.ts';

export function logEventsTable(): string {
  const rows = Object.entries(logEvents).map(([event, meaning]) => `| \`${event}\` | ${meaning} |`);
  return ['| event | meaning |', '|---|---|', ...rows].join('\n');
}
