import { describe, expect, it } from 'vitest';
import { parseRecoveryCode } from '../../src/protocol/recovery-code.ts';
import backup from './backup.json' with { type: 'json' };
import link from './link.json' with { type: 'json' };
import { backupVectors, linkVectors } from './make-backup.ts';

describe('our code agrees with the stored vectors', () => {
  it('about recovery codes and sealed accounts', async () => {
    expect(await backupVectors()).toEqual(backup);
    for (const code of backup.refused) expect(parseRecoveryCode(code)).toMatchObject({ ok: false });
  });

  it('about the secrets of a link', async () => {
    expect(await linkVectors()).toEqual(link);
  });
});
