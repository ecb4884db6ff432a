import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = 'docs/decisions';
const INDEX = 'README.md';

/** One link per decision, by area; title and area come from the file itself. */
export function decisionsList(): string {
  const areas = new Map<string, string[]>();
  for (const file of readdirSync(FOLDER).sort()) {
    if (file === INDEX) continue;
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
    const [, title, area] = /^# (.+)\n\nArea: (.+)\n/.exec(text) ?? [];
    if (title === undefined || area === undefined)
      throw new Error(`${FOLDER}/${file} must begin with "# TITLE", a blank line and "Area: AREA"`);
    areas.set(area, [...(areas.get(area) ?? []), `- [${title}](${file})`]);
  }
  return [...areas].map(([area, links]) => `## ${area}\n\n${links.join('\n')}`).join('\n\n');
}
