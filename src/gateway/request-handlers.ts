import { isRefusal } from '../protocol/error-reply.ts';
import type { Services } from '../services/api.ts';
import { EncodedOnce } from './encoded-once.ts';
import type { Entering } from './entering.ts';
import type { Handler, Handlers } from './handlers.ts';
import type { Logins } from './logins.ts';
import { joinAct, leaveAct, ownAct } from './own-act.ts';
import type { RoomMembership } from './room-membership.ts';
import { signedActHandlers } from './signed-acts.ts';

export interface HandlerParts {
  readonly services: Services;
  readonly hello: Handler<'hello'>;
  readonly logins: Logins;
  readonly entering: Entering;
  readonly membership: RoomMembership;
}

/** Which use case answers which request. */
export function createHandlers({ services, hello, logins, entering, membership }: HandlerParts): Handlers {
  const { accounts, rooms, posting, history } = services;
  const memberPages = new EncodedOnce('members');
  return {
    hello,
    ...logins.handlers(),
    ...signedActHandlers(accounts),
    ping: () => ({ time: Date.now() }),
    identity: (_call, { caller }, body) => accounts.identity(caller, body),
    mine: (_call, { caller }, body) => rooms.mine(caller, body),
    lookup: (_call, { caller }, body) => rooms.lookup(caller, body),
    create: (_call, session, body) =>
      ownAct(session, joinAct(body.name), () => rooms.create(session.caller, body)),
    join: (_call, session, body) =>
      ownAct(session, joinAct(body.name), () => rooms.join(session.caller, body)),
    rooms: (_call, { caller }, body) => rooms.list(caller, body),
    members: async (_call, { caller }, body) => {
      const outcome = await rooms.members(caller, body);
      return isRefusal(outcome) ? outcome : memberPages.reply(outcome);
    },
    leave: async (_call, session, body) => {
      const outcome = await ownAct(session, leaveAct(body.room), () => rooms.leave(session.caller, body));
      if (!isRefusal(outcome)) membership.userGone(body.room, session.user, 'left', { except: session });
      return outcome;
    },
    rename: (_call, { caller }, body) => rooms.rename(caller, body),
    update: (_call, { caller }, body) => rooms.update(caller, body),
    delete: async (_call, session, body) => {
      const outcome = await ownAct(session, leaveAct(body.room), () => rooms.delete(session.caller, body));
      if (!isRefusal(outcome)) membership.userGone(body.room, session.user, 'deleted', { except: session });
      return outcome;
    },
    kick: (_call, { caller }, body) => rooms.kick(caller, body),
    ban: (_call, { caller }, body) => rooms.ban(caller, body),
    unban: (_call, { caller }, body) => rooms.unban(caller, body),
    bans: (_call, { caller }, body) => rooms.bans(caller, body),
    grant: (_call, { caller }, body) => rooms.grant(caller, body),
    revoke: (_call, { caller }, body) => rooms.revoke(caller, body),
    enter: (call, session, body) => entering.enter(call, session, body.rooms),
    send: (_call, { caller }, body) => posting.send(caller, body),
    history: (_call, { caller }, body) => history.page(caller, body),
  };
}
