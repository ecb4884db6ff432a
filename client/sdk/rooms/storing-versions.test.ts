import { describe, expect, test } from 'vitest';
import { StoringVersions } from './storing-versions.ts';

const known = (versions: StoringVersions): readonly number[] =>
  Array.from({ length: 20 }, (_, n) => n).filter((version) => versions.stores(version) === true);
const unstored = (versions: StoringVersions): readonly number[] =>
  Array.from({ length: 20 }, (_, n) => n).filter((version) => versions.stores(version) === false);

describe('the versions for which a room is known to store', () => {
  test('begin with the one that was entered, and go on with events that follow each other', () => {
    const versions = new StoringVersions();
    expect(known(versions)).toEqual([]);
    versions.entered(5, 30);
    expect(known(versions)).toEqual([5]);
    versions.members(6);
    versions.settings(7, 1);
    versions.members(8);
    expect(known(versions)).toEqual([5, 6, 7, 8]);
  });

  test('end where a version was missed, until the settings are told again', () => {
    const versions = new StoringVersions();
    versions.entered(5, 30);
    versions.members(7);
    expect(known(versions)).toEqual([5]);
    versions.settings(9, 30);
    expect(known(versions)).toEqual([9]);
    versions.entered(12, 30);
    expect(known(versions)).toEqual([12]);
  });

  test('are none while nothing is stored, and only later ones after it', () => {
    const versions = new StoringVersions();
    versions.entered(5, 30);
    versions.settings(6, 0);
    expect(known(versions)).toEqual([]);
    versions.members(7);
    expect(known(versions)).toEqual([]);
    versions.settings(8, 30);
    versions.members(9);
    expect(known(versions)).toEqual([8, 9]);
    versions.entered(10, 0);
    expect(known(versions)).toEqual([]);
  });

  test('are told from those for which it is known to store nothing', () => {
    const versions = new StoringVersions();
    expect(unstored(versions)).toEqual([]);
    versions.entered(5, 0);
    versions.members(6);
    versions.settings(7, 0);
    expect([known(versions), unstored(versions)]).toEqual([[], [5, 6, 7]]);
    versions.settings(8, 30);
    expect([known(versions), unstored(versions)]).toEqual([[8], []]);
    versions.settings(9, 0);
    versions.members(11);
    expect(unstored(versions)).toEqual([9]);
  });

  test('are not changed by settings that come late', () => {
    const versions = new StoringVersions();
    versions.entered(5, 0);
    versions.settings(4, 30);
    expect(known(versions)).toEqual([]);
    versions.settings(6, 30);
    versions.settings(5, 0);
    expect(known(versions)).toEqual([6]);
  });
});
