"""The far side of the cable, in CPython's sockets: each port does what its number stands for.

7 sends everything back, over TCP and UDP; 9 takes connections, and never reads or writes. The line
"drop" on standard input drops all connections: as a reset, or, where the cable carries nothing, as a
machine does that has lost its power. Nothing here blocks: a blocked call would keep its connection.
"""
import selectors
import socket
import struct
import sys

ECHO = 7
DISCARD = 9
HERE = "10.9.0.1"
# Not select or poll, which hold what they wait for: a close would wait for their end.
selector = selectors.EpollSelector()
connections = {}


def accept(listener, is_echo):
    connection, _ = listener.accept()
    connection.setblocking(False)
    connections[connection] = bytearray()
    if is_echo:
        selector.register(connection, selectors.EVENT_READ, lambda: echo(connection))


def listen(port, is_echo):
    listener = socket.create_server((HERE, port))
    selector.register(listener, selectors.EVENT_READ, lambda: accept(listener, is_echo))


def forget(connection):
    selector.unregister(connection)
    connection.close()
    del connections[connection]


def echo(connection):
    pending = connections[connection]
    try:
        if len(pending) < 1 << 20:
            try:
                data = connection.recv(65536)
                pending += data
                if not data:
                    forget(connection)
                    return
            except BlockingIOError:
                pass
        if pending:
            try:
                del pending[: connection.send(pending)]
            except BlockingIOError:
                pass
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if pending else 0)
        selector.modify(connection, events, lambda: echo(connection))
    except OSError:
        forget(connection)


def echo_datagram(datagrams):
    data, sender = datagrams.recvfrom(65536)
    datagrams.sendto(data, sender)


def command():
    line = sys.stdin.readline()
    if not line:
        sys.exit()
    for connection in list(connections):
        if connection in selector.get_map():
            selector.unregister(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    connections.clear()
    print("done", flush=True)


listen(ECHO, True)
listen(DISCARD, False)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
datagrams.bind((HERE, ECHO))
selector.register(datagrams, selectors.EVENT_READ, lambda: echo_datagram(datagrams))
selector.register(sys.stdin, selectors.EVENT_READ, command)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        key.data()
