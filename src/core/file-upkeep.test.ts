import { expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { silentTelemetry } from '../../test/support/ports/silent-telemetry.ts';
import { Background } from '../lib/background.ts';
import type { LogEvent } from '../ports/log-events.ts';
import { FileUpkeep } from './file-upkeep.ts';

it('sweeps once for all files that are discarded while it sweeps, however many', async () => {
  const sweeps: (() => void)[] = [];
  let underWay = 0;
  const files = {
    reclaim: () => {
      underWay += 1;
      return new Promise<boolean>((resolve) => {
        sweeps.push(() => {
          underWay -= 1;
          resolve(false);
        });
      });
    },
  };
  const telemetry = silentTelemetry();
  const background = new Background<LogEvent>(telemetry, 'background_full');
  const upkeep = new FileUpkeep({ files, background, telemetry, clock: { nowMs: () => 1 } });
  for (let discarded = 0; discarded < 100; discarded += 1) upkeep.soon();
  expect([sweeps.length, underWay]).toEqual([1, 1]);
  sweeps[0]?.();
  await eventually(() => expect([sweeps.length, underWay]).toEqual([2, 1]));
  sweeps[1]?.();
  await eventually(() => expect(underWay).toBe(0));
  upkeep.soon();
  await eventually(() => expect(sweeps).toHaveLength(3));
  sweeps[2]?.();
  await background.close();
  expect(sweeps).toHaveLength(3);
});
