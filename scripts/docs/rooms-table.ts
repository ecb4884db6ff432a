import { createRequire } from 'node:module';

const { rooms }: { readonly rooms: Readonly<Record<string, readonly string[]>> } = createRequire(
  import.meta.url,
)('../rooms.cjs');

/** Who may import whom below src/ and client/: one line a room, as `npm run check` holds it. */
export function roomsTable(): string {
  const shown = Object.entries(rooms).filter(([room]) => /^(src|client)\//.test(room));
  const width = Math.max(...shown.map(([room]) => named(room).length));
  const lines = shown.map(
    ([room, allowed]) => `${named(room).padEnd(width)}  → ${allowed.map(named).join(', ') || 'nothing'}`,
  );
  return ['```', ...lines, '```'].join('\n');
}

/** `src/core/` as `src/core`, and `src/main\\.ts$` as `src/main.ts`. */
function named(room: string): string {
  return room.replaceAll('\\', '').replace(/[/$]$/, '');
}
