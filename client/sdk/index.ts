/** The SDK's public entry: a client for Node and browsers. */
export type {
  ConclaveClient,
  ConnectionStatus,
  CreateOptions,
  HistoryPage,
  KeyInfo,
  ListedRoom,
  Me,
  Member,
  Notice,
  OwnRoom,
  Person,
  RegisterOptions,
  Room,
  Safety,
  SearchOptions,
  SendOptions,
  Sent,
} from './api.ts';
export { createClient } from './client.ts';
export type { ClientOptions } from './client-options.ts';
export type { Clock } from './clock.ts';
export { ConclaveError, type ConclaveErrorCode } from './errors.ts';
export { MemoryMessageCache } from './memory-message-cache.ts';
export type { CacheChange, CacheEntry, CacheTerms, MessageCache } from './message-cache.ts';
export { newAccountKeys } from './own-account.ts';
export type { BannedUser, RoomActs } from './room-acts.ts';
export type { MessageMark, MessageStatus, RoomChange, RoomMessage } from './room-events.ts';
export { SENDS_QUEUED_MAX } from './room-sender.ts';
export type { StateChange, StateStore, StateTable } from './state-store.ts';
export {
  type AccountKeys,
  type AccountStorage,
  type KeyStore,
  memoryStorage,
  type OwnIdentity,
} from './storage.ts';
export type { Trust } from './trust-level.ts';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';
