"""Python's socket module: `python.py ROW PORT SIZE`. A line "COUNT SERIAL" in, a line
"NANOSECONDS CPU-NANOSECONDS" out."""

import ipaddress
import select
import socket
import struct
import sys
import time

PERIOD = 251
LARGEST = 1 << 20
RECEIVED = 65536
HEADER = 64
BATCH = 64

pattern = bytes(range(PERIOD)) * (LARGEST // PERIOD + 2)
buffer = bytearray(LARGEST)
view = memoryview(buffer)
row, port, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def check(holds, what):
    if not holds:
        raise RuntimeError(what)


def check_contents(content, at=0):
    begin = at % PERIOD
    check(content == pattern[begin : begin + len(content)], "contents")


def dial(port):
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.connect(("127.0.0.1", port))
    return s


def pingpong():
    s = dial(port)
    message = pattern[:size]
    waitall = socket.MSG_WAITALL

    def run(count, _):
        for _ in range(count):
            s.sendall(message)
            check(s.recv_into(view, size, waitall) == size, "short")
        return lambda: check_contents(view[:size])

    return run


def receive():
    s = dial(port)
    at = 0

    def run(count, _):
        nonlocal at
        left = count * RECEIVED
        while left > 0:
            n = s.recv_into(view, size)
            left -= n
            at += n
        return lambda: check_contents(view[:n], at - n)

    return run


def records():
    s = dial(port)
    at = 0

    def run(count, _):
        nonlocal at
        for _ in range(count):
            check(s.recv_into(view, size, socket.MSG_WAITALL) == size, "short")
            at += size
        return lambda: check_contents(view[:size], at - size)

    return run


def sending(send):
    s = dial(port)

    def run(count, _):
        for _ in range(count):
            send(s)
            check(s.recv_into(view, 1) == 1, "no answer")

    return run


def send_records():
    message = pattern[:size]
    return sending(lambda s: s.sendall(message))


def gather():
    parts = [pattern[:HEADER], pattern[HEADER:size]]
    return sending(lambda s: check(s.sendmsg(parts) == size, "short"))


def would_block():
    s = dial(port)
    dontwait = socket.MSG_DONTWAIT

    def run(count, _):
        for _ in range(count):
            try:
                s.recv_into(view, size, dontwait)
            except BlockingIOError:
                continue
            check(False, "data")

    return run


def load():
    control = dial(port)
    (own,) = struct.unpack("=H", control.recv(2, socket.MSG_WAITALL))
    sockets = {}
    epoll = select.epoll()
    for _ in range(size):
        s = dial(own)
        sockets[s.fileno()] = s
        epoll.register(s.fileno(), select.EPOLLIN)
    epoll.register(control.fileno(), select.EPOLLIN)
    control.recv(1)
    times = []

    def run(count, _):
        control.sendall(struct.pack("=I", count))
        done = False
        while not done:
            for fd, _ in epoll.poll():
                if fd == control.fileno():
                    done = True
                else:
                    s = sockets[fd]
                    s.sendall(view[: s.recv_into(view, RECEIVED)])
        return lambda: struct.unpack("=dd", control.recv(16, socket.MSG_WAITALL))

    return run


def connect():
    message = pattern[:size]

    def run(count, serial):
        address = (str(ipaddress.ip_address(0x7F000001 + serial)), port)
        for _ in range(count):
            s = socket.socket()
            s.connect(address)
            s.send(message)
            s.close()

    return run


def datagrams():
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    sender.connect(receiver.getsockname())
    message = pattern[:size]

    def run(count, _):
        for _ in range(0, count, BATCH):
            for _ in range(BATCH):
                sender.send(message)
            for _ in range(BATCH):
                check(receiver.recv_into(view, size) == size, "lost")
        return lambda: check_contents(view[:size])

    return run


rows = {
    "pingpong": pingpong,
    "receive": receive,
    "records": records,
    "send": send_records,
    "gather": gather,
    "would-block": would_block,
    "load": load,
    "connect": connect,
    "datagrams": datagrams,
}

command = rows[row]()
for line in sys.stdin:
    count, serial = map(int, line.split())
    cpu = time.process_time_ns()
    wall = time.perf_counter_ns()
    verify = command(count, serial)
    wall = time.perf_counter_ns() - wall
    cpu = time.process_time_ns() - cpu
    more = (verify() if verify else None) or ()
    print(wall, cpu, *more, flush=True)
