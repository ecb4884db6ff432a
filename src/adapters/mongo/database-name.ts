const DATABASE_DEFAULT = 'conclave';

/** The database that the path of a MongoDB URL names; the driver itself would fall back to `test`. */
export function databaseName(url: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/?]*\/([^?]*)/.exec(url)?.[1];
  return path === undefined || path === '' ? DATABASE_DEFAULT : decodeURIComponent(path);
}
