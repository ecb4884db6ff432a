"""Runs a program on a pseudo-terminal, and ends it by a signal while typed keys wait that it has not read.

    unread-keys.py SHOWN TYPED COMMAND...

SHOWN is waited for; TYPED is typed while the program is stopped, and SIGTERM comes before it goes on. Prints what whoever
reads from the terminal next would get, as Python writes bytes.
"""

import os
import pty
import signal
import subprocess
import sys
import time
import tty

SHOWN_WITHIN_S = 60
LEFT = b"left over: "

shown, typed, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    subprocess.call(command)
    tty.setraw(0, tty.TCSANOW)
    os.set_blocking(0, False)
    try:
        left = os.read(0, 65536)
    except BlockingIOError:
        left = b""
    os.write(1, LEFT + repr(left).encode() + b"\n")
    os._exit(0)


def screen_with(text, screen=b""):
    deadline = time.monotonic() + SHOWN_WITHIN_S
    while text not in screen:
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            sys.exit("never shown: %r:\n%s" % (text, screen.decode(errors="replace")))
        screen += os.read(terminal, 65536)
    return screen


def children_of(process):
    with open("/proc/%d/task/%d/children" % (process, process)) as children:
        return [int(child) for child in children.read().split()]


screen_with(shown.encode())
[program] = children_of(pid)
os.kill(program, signal.SIGSTOP)
os.write(terminal, typed.encode())
os.kill(program, signal.SIGTERM)
os.kill(program, signal.SIGCONT)
print(screen_with(b"\n", screen_with(LEFT).split(LEFT)[1]).decode().strip())
os.waitpid(pid, 0)
