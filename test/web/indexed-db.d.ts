/** What the storage of the page takes from the DOM. tsconfig.browser.json checks it against the real types. */
interface IDBKeyRange {
  readonly lower: unknown;
}
declare const IDBKeyRange: {
  bound(lower: unknown, upper: unknown, lowerOpen?: boolean, upperOpen?: boolean): IDBKeyRange;
  only(value: unknown): IDBKeyRange;
};
declare class IDBDatabase {
  close(): void;
}
interface IDBTransactionOptions {
  readonly durability?: 'default' | 'strict' | 'relaxed';
}
type IDBTransactionMode = 'readonly' | 'readwrite' | 'versionchange';
