/** The SDK's public entry: a client for Node and browsers. */
export type { SharedFile } from '../../src/protocol/layouts/content.ts';
export type { ConclaveClient, CreateOptions, ListedRoom, Me, RegisterOptions, SearchOptions } from './api.ts';
export { createClient } from './client.ts';
export type { ClientOptions } from './client-options.ts';
export type { Clock } from './connection/clock.ts';
export type { ConnectionStatus } from './connection/link-status.ts';
export type { WebSocketConstructor, WebSocketLike } from './connection/web-socket.ts';
export type {
  BlockedUser,
  ContactNotice,
  Contacts,
  RoomInvitation,
} from './contacts/invitation.ts';
export { ConclaveError, type ConclaveErrorCode } from './errors.ts';
export type { Fetch } from './files/chunk-http.ts';
export type { FileProgress, FileSink, FileSource, TransferOptions } from './files/file-source.ts';
export type { Notice } from './notice.ts';
export { newAccountKeys } from './people/own-account.ts';
export type { KeyInfo, Person, PublishedPrekeys, Safety, ShownKey } from './people/shown.ts';
export type { Trust } from './people/trust-level.ts';
export type { OwnRoom, RoomSuite } from './rooms/own-room.ts';
export type { HistoryPage, Member, QueueOptions, Room, SendOptions, Sent } from './rooms/room.ts';
export type { BannedUser, RoomActs, ShownRoom } from './rooms/room-acts.ts';
export type {
  MessageAction,
  MessageGap,
  MessageMark,
  MessageStatus,
  RoomChange,
  RoomMessage,
  ShownMessage,
} from './rooms/room-events.ts';
export { SENDS_QUEUED_MAX } from './rooms/room-sender.ts';
export {
  type ActionFault,
  applied,
  type CarriedFiles,
  carriedFiles,
  type Reaction,
  type RefusedAction,
  type Timeline,
  type TimelineMessage,
  timelineOf,
  type Wording,
} from './rooms/timeline.ts';
export type { ShownRoomName } from './shown-room-name.ts';
export type { EarlierSettings, FollowedState, UserSettings } from './state/user-settings.ts';
export { MemoryMessageCache } from './storage/memory-message-cache.ts';
export type { CacheChange, CacheEntry, CacheTerms, MessageCache } from './storage/message-cache.ts';
export type { Sharing } from './storage/sharing.ts';
export type { StateChange, StateStore, StateTable } from './storage/state-store.ts';
export {
  type AccountKeys,
  type AccountStorage,
  type KeyStore,
  memoryStorage,
  type OwnIdentity,
} from './storage/storage.ts';
