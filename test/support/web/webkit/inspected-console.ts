import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../eventually.ts';

/** In the page that lists what can be inspected. */
const WEB_PAGE = /socket\/\d+\/\d+\/WebPage/;

/** What the inspector says of the page, and of what takes the page's place when another one is loaded. */
type Told =
  | { readonly method: 'Target.targetCreated'; readonly params: { readonly targetInfo: Target } }
  | { readonly method: 'Target.dispatchMessageFromTarget'; readonly params: { readonly message: string } }
  | { readonly method?: undefined };

interface Target {
  readonly targetId: string;
}

/**
 * Tells whatever the first page of a WebKit writes to its console, which has also what the page throws and what its policy refuses:
 * WebDriver itself tells nothing of it. `inspector`: `HOST:PORT`.
 */
export async function hearConsole(inspector: string, hear: (text: string) => void): Promise<void> {
  const path = await eventually(
    async () => {
      const list = await (await fetch(`http://${inspector}/`)).text();
      return WEB_PAGE.exec(list)?.[0] ?? expect.unreachable('there is no page yet');
    },
    { pauseMs: 250 },
  );
  const socket = new WebSocket(`ws://${inspector}/${path}`);
  let asked = 0;
  const ask = (method: string, params: object): void => {
    asked += 1;
    socket.send(JSON.stringify({ id: asked, method, params }));
  };
  const isHeard = new Promise<void>((heard, reject) => {
    // The browser ends before whoever listens to it does.
    socket.on('error', reject);
    socket.on('message', (data) => {
      const told = JSON.parse(data.toString()) as Told;
      if (told.method === 'Target.targetCreated') {
        const { targetId } = told.params.targetInfo;
        ask('Target.sendMessageToTarget', { targetId, message: '{"id":1,"method":"Console.enable"}' });
      } else if (told.method === 'Target.dispatchMessageFromTarget') {
        const { id, method, params } = JSON.parse(told.params.message);
        if (id === 1) heard();
        if (method === 'Console.messageAdded') hear(String(params.message.text));
      }
    });
  });
  await isHeard;
}
