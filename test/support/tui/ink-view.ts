import { vi } from 'vitest';

// As `conclave chat` loads it: React has its quick build in production only, and Ink asks once whether there may be colours.
vi.stubEnv('NODE_ENV', 'production');
vi.stubEnv('FORCE_COLOR', '1');
export const { InkView } = await import('../../../client/tui/view/ink-view.tsx');
vi.unstubAllEnvs();
