import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * Reads `pid N`, `dir PATH` and, to take one back, `-pid N` and `-dir PATH`. At the end of its input, which comes with the end of
 * whoever writes it, however that ended, it kills and removes what is left.
 */
const script = `
pids=
set --
while read -r verb what; do
  case $verb in
    pid) pids="$pids $what" ;;
    -pid) left=; for pid in $pids; do [ "$pid" = "$what" ] || left="$left $pid"; done; pids=$left ;;
    dir) set -- "$@" "$what" ;;
    -dir) for dir in "$@"; do shift; [ "$dir" = "$what" ] || set -- "$@" "$dir"; done ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids
[ $# = 0 ] || rm -rf "$@"
`;

let shell: ChildProcess | undefined;

function tell(line: string): void {
  if (shell === undefined) {
    // In a session of its own: Ctrl-C must not end it before it has done its work.
    shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.unref();
    // It is not there where there is no /bin/sh; then nothing but a SIGKILL is the worse for it.
    shell.on('error', () => undefined);
    const { stdin } = shell;
    if (stdin instanceof Socket) stdin.unref();
    stdin?.on('error', () => undefined);
  }
  shell.stdin?.write(`${line}\n`);
}

/** What must not outlive this process even when it is killed by SIGKILL, which no handler sees. Gives how to take it back. */
export function afterKill(left: { readonly pid?: number; readonly dir?: string }): () => void {
  const lines = [
    ...(left.pid === undefined ? [] : [`pid ${left.pid}`]),
    ...(left.dir === undefined ? [] : [`dir ${left.dir}`]),
  ];
  for (const line of lines) tell(line);
  return () => {
    for (const line of lines) tell(`-${line}`);
  };
}
