import { page, settings, welcome } from './web/page.ts';

/** What only the page says. */
export const webEnglish = { welcome, page, settings } as const;
