"""Runs a program on a pseudo-terminal, types once it shows a text, then closes the terminal under it.

    closed-terminal.py SHOWN TYPED COMMAND...

SHOWN is waited for; TYPED is typed key by key, and the terminal closed in the middle of its echo. Prints how the program
ended: "signal N", "exit N", or "hangs" when it has not ended in time and was killed.
"""

import os
import pty
import select
import sys
import time

SHOWN_WITHIN_S = 60
ENDED_WITHIN_S = 20

shown, typed, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)


def read_for(seconds):
    ready, _, _ = select.select([terminal], [], [], seconds)
    return os.read(terminal, 65536) if ready else b""


screen = b""
deadline = time.monotonic() + SHOWN_WITHIN_S
while shown.encode() not in screen:
    if time.monotonic() > deadline:
        os.kill(pid, 9)
        sys.exit("the program never showed %r:\n%s" % (shown, screen.decode(errors="replace")))
    screen += read_for(0.1)
for key in typed:
    os.write(terminal, key.encode())
    read_for(0.005)
os.close(terminal)

deadline = time.monotonic() + ENDED_WITHIN_S
ended, status = 0, 0
while ended == 0 and time.monotonic() < deadline:
    ended, status = os.waitpid(pid, os.WNOHANG)
    time.sleep(0.01)
if ended == 0:
    os.kill(pid, 9)
    print("hangs")
elif os.WIFSIGNALED(status):
    print("signal", os.WTERMSIG(status))
else:
    print("exit", os.WEXITSTATUS(status))
