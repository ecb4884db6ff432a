/** What the storage of the page takes from the DOM. tsconfig.browser.json checks it against the real types. */
interface IDBKeyRange {
  readonly lower: unknown;
}
declare const IDBKeyRange: {
  bound(lower: unknown, upper: unknown, lowerOpen?: boolean, upperOpen?: boolean): IDBKeyRange;
  only(value: unknown): IDBKeyRange;
};
interface IDBTransaction {
  abort(): void;
}
declare class IDBDatabase {
  close(): void;
  transaction(
    stores: string | readonly string[],
    mode?: IDBTransactionMode,
    options?: IDBTransactionOptions,
  ): IDBTransaction;
}
interface IDBTransactionOptions {
  readonly durability?: 'default' | 'strict' | 'relaxed';
}
type IDBTransactionMode = 'readonly' | 'readwrite' | 'versionchange';
