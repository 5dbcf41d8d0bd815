"""The peer of a test: runs the Python that comes from a port of the test's, and answers each line.

Not both ends of a connection should be ours; this one is CPython's socket module.
"""
import errno
import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import sys
import termios
import time

control = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lines = control.makefile("r")


def wait_until_blocked(pid, call=45):
    """Waits until process pid's main thread is inside the system call (x64: 45 is recvfrom)."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with open(f"/proc/{pid}/syscall") as file:
            words = file.read().split()
        if words[0] == str(call):
            return True
        time.sleep(0.001)
    raise TimeoutError(f"process {pid} never was in system call {call}")


def listen(family, address, backlog=8):
    """A listening socket and the text of its address."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(backlog)
    return listener


def on_terminal(*command):
    """Starts a program on a terminal of its own; gives what is the user's side of it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    return terminal


def shown(terminal, text, seconds=20):
    """What the terminal shows, up to `text`."""
    end = time.monotonic() + seconds
    output = bytearray()
    while text not in output[-65536 - len(text) :]:
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            raise TimeoutError(f"{text} was not shown, but {output[-200:]}")
        output += os.read(terminal, 65536)
    return output


def plain(value):
    """What JSON can carry; bytes as latin-1 text."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode("latin-1")
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return repr(value)


scope = globals()
for line in lines:
    source = json.loads(line)
    try:
        try:
            code = compile(source, "peer", "eval")
        except SyntaxError:
            exec(compile(source, "peer", "exec"), scope)
            answer = {"value": None}
        else:
            answer = {"value": plain(eval(code, scope))}
    except OSError as error:
        name = errno.errorcode.get(error.errno, str(error))
        answer = {"errno": name}
    except BaseException as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    control.sendall(json.dumps(answer).encode() + b"\n")
