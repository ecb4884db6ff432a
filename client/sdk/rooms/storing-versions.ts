/**
 * For which roster versions this client knows that the room stored what was sent. In a room that stores nothing, positions may be
 * given twice after a failover, so what was only delivered says nothing for certain about its position. Every change of the
 * retention makes a version of its own and raises the floor: a message accepted for a version was accepted
 * under the retention of that version.
 */
export class StoringVersions {
  #from = Number.POSITIVE_INFINITY;
  #through = 0;
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
    const goesOn = Number.isFinite(this.#from) && version === this.#through + 1;
    if (goesOn && retention > 0) this.#through = version;
    else this.#begin(version, retention);
  }

  /** An event told a change of members: the settings stay as they were. */
  members(version: number): void {
    if (version === this.#through + 1) this.#through = version;
  }

  has(version: number): boolean {
    return version >= this.#from && version <= this.#through;
  }

  #begin(version: number, retention: number): void {
    this.#from = retention > 0 ? version : Number.POSITIVE_INFINITY;
    this.#through = version;
  }
}
