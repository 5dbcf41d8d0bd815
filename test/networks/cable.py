"""A cable between two network namespaces of its own: it loses, damages, delays, reorders, duplicates.

cable.py FAR NEAR...: makes the namespaces, each with one end of the cable (10.9.0.1 far, 10.9.0.2
near), runs the Python program FAR in the one and the command NEAR in the other, and carries packets
until NEAR ends. NEAR writes commands to the descriptor that CABLE in its environment names, a JSON object
a line, and reads the answer:

{"rules": {...}}: from now on, of each packet: "loss", "damage" (a bit of it), "duplicate", "reorder" (kept back
until others have passed): probabilities; "delay", "jitter": seconds; "blackhole": true loses all.
{"far": "..."}: a line for FAR, which answers with one.
{"count": true}: what was done so far.
"""
import ctypes
import errno
import fcntl
import heapq
import itertools
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
PR_SET_PDEATHSIG = 1
KEPT_BACK = 0.01


def new_end(address):
    """Moves this process to a new namespace, and gives the end of the cable that is there."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", b"cable", IFF_TUN | IFF_NO_PI))
    for command in (
        "link set lo up",
        f"address add {address}/24 dev cable",
        "link set cable up",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    return end


def end_with_parent():
    """Runs in a new process: a side that blocks does not outlive the cable."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Cable:
    def __init__(self, ends):
        self.other = {ends[0]: ends[1], ends[1]: ends[0]}
        self.rules = {}
        self.counts = dict.fromkeys(
            ("carried", "lost", "damaged", "duplicated", "reordered", "delayed"), 0
        )
        # The same run after run; what the kernels make of it still differs.
        self.random = random.Random(6)
        self.number = itertools.count()
        self.waiting = []

    def happens(self, rule):
        return self.random.random() < self.rules.get(rule, 0)

    def take(self, end):
        packet = os.read(end, 65536)
        if self.rules.get("blackhole") or self.happens("loss"):
            self.counts["lost"] += 1
            return
        if self.happens("damage"):
            bit = self.random.randrange(8 * len(packet))
            damaged = int.from_bytes(packet, "big") ^ (1 << bit)
            packet = damaged.to_bytes(len(packet), "big")
            self.counts["damaged"] += 1
        delay = self.rules.get("delay", 0)
        if delay:
            delay += self.random.random() * self.rules.get("jitter", 0)
            self.counts["delayed"] += 1
        if self.happens("reorder"):
            delay += KEPT_BACK
            self.counts["reordered"] += 1
        copies = 1
        if self.happens("duplicate"):
            copies = 2
            self.counts["duplicated"] += 1
        for _ in range(copies):
            entry = (time.monotonic() + delay, next(self.number), self.other[end], packet)
            heapq.heappush(self.waiting, entry)

    def give(self):
        """Delivers what is due, and tells how long the next has to wait."""
        while self.waiting:
            left = self.waiting[0][0] - time.monotonic()
            if left > 0:
                return left
            _, _, end, packet = heapq.heappop(self.waiting)
            try:
                os.write(end, packet)
                self.counts["carried"] += 1
            except OSError as error:
                # Damaged so that it is no packet of IP any more.
                if error.errno != errno.EINVAL:
                    raise
                self.counts["lost"] += 1
        return None

    def obey(self, command, far):
        if "rules" in command:
            self.rules = command["rules"]
        if "far" in command:
            far.stdin.write(command["far"] + "\n")
            far.stdin.flush()
            return far.stdout.readline().strip()
        return self.counts


def main():
    far_end = new_end("10.9.0.1")
    options = {"preexec_fn": end_with_parent}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    far = subprocess.Popen([sys.executable, sys.argv[1]], **pipes, **options)
    far.stdout.readline()
    near_end = new_end("10.9.0.2")
    control, theirs = socket.socketpair()
    options.update(pass_fds=[theirs.fileno()], env={**os.environ, "CABLE": str(theirs.fileno())})
    near = subprocess.Popen(sys.argv[2:], **options)
    theirs.close()
    lines = control.makefile("rw")
    cable = Cable((far_end, near_end))
    ends = (far_end, near_end)
    while True:
        ready, _, _ = select.select([*ends, control], [], [], cable.give())
        for end in ends:
            if end in ready:
                cable.take(end)
        # Behind what was sent before it.
        if control in ready and not any(end in ready for end in ends):
            line = lines.readline()
            if not line:
                break
            lines.write(json.dumps(cable.obey(json.loads(line), far)) + "\n")
            lines.flush()
    sys.exit(near.wait())


main()
