import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds fault with in what is shown, in both themes. */
export async function axeFaults(page: Page): Promise<readonly unknown[]> {
  await page.evaluate(axe.source);
  const faults: unknown[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    // What moves between two colours has the contrast of neither.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found: unknown = await page.evaluate(
      "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + failureSummary).join(' | ')))",
    );
    if (Array.isArray(found)) faults.push(...found);
  }
  return faults;
}
