import { Child } from './parent-and-child.ts';

/** A process of connections that count what is delivered to them. */
export function receiversChild(signal?: AbortSignal): Child {
  return new Child(new URL('./receivers.ts', import.meta.url), signal);
}

/** A process of members that send at a pace. */
export function sendersChild(signal?: AbortSignal): Child {
  return new Child(new URL('./senders.ts', import.meta.url), signal);
}

/** A process of members that are cut off and come back with their tokens. */
export function crowdChild(signal?: AbortSignal): Child {
  return new Child(new URL('./crowd.ts', import.meta.url), signal);
}
