import axe from 'axe-core';
import type { DrivenPage } from './driven-page.ts';

/** Until nothing moves: between two colours, there is the contrast of neither. */
export const STILL =
  'Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined)))';
const RUN =
  "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + failureSummary).join(' | ')))";

/** What axe finds fault with in what is shown, in both themes. */
export async function axeFaults(page: DrivenPage): Promise<readonly unknown[]> {
  await page.evaluate(`(() => { ${axe.source} })()`);
  const faults: unknown[] = [];
  for (const theme of ['light', 'dark'])
    faults.push(
      ...Object(
        await page.evaluate(
          `(document.documentElement.dataset.theme = '${theme}', ${STILL}.then(() => ${RUN}))`,
        ),
      ),
    );
  await page.evaluate('void delete document.documentElement.dataset.theme');
  return faults;
}
