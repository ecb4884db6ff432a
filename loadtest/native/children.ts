import { Child } from './parent-and-child.ts';

/** A process of connections that count what is delivered to them. */
export function receiversChild(): Child {
  return new Child(new URL('./receivers.ts', import.meta.url));
}

/** A process of members that send at a pace. */
export function sendersChild(): Child {
  return new Child(new URL('./senders.ts', import.meta.url));
}

/** A process of members that are cut off and come back with their tokens. */
export function crowdChild(): Child {
  return new Child(new URL('./crowd.ts', import.meta.url));
}
