/**
 * For which roster versions this client knows whether the room stored what was sent. In a room that stores nothing, positions may be
 * given twice after a failover, so what was only delivered says nothing for certain about its position. Every change of the
 * retention makes a version of its own and raises the floor: a message accepted for a version was accepted
 * under the retention of that version.
 */
export class StoringVersions {
  #from = Number.POSITIVE_INFINITY;
  #through = 0;
  #stores = false;
  #settings = 0;

  /** The settings at this version, whatever was before: nothing is known of versions that were missed. */
  entered(version: number, retention: number): void {
    this.#settings = version;
    this.#begin(version, retention);
  }

  /** An event told these settings. */
  settings(version: number, retention: number): void {
    if (version <= this.#settings) return;
    this.#settings = version;
    if (version === this.#through + 1 && retention > 0 === this.#stores) this.#through = version;
    else this.#begin(version, retention);
  }

  /** An event told a change of members: the settings stay as they were. */
  members(version: number): void {
    if (version === this.#through + 1) this.#through = version;
  }

  /** Undefined: not known. */
  stores(version: number): boolean | undefined {
    return version >= this.#from && version <= this.#through ? this.#stores : undefined;
  }

  #begin(version: number, retention: number): void {
    this.#from = version;
    this.#through = version;
    this.#stores = retention > 0;
  }
}
