"""A real named on loopback for tests: started in the foreground, asked for transfers, killed by its id."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import hmac
import random
import selectors
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.tsig

START_SECONDS = 30.0
ANSWER_SECONDS = 10.0
_PORTS = range(10_000, 30_000)
"""Above the privileged ports, below those that the kernel gives to clients."""

_WINDOW = 20
"""Requests on their way in one connection."""

_IP_FREEBIND = 15
"""Linux's number; Python has no name for it."""

ZONE_FILE = "$TTL 60\n@ SOA ns.example. admin.example. 1 3600 600 86400 60\n@ NS ns.example.\n"
"""A zone that fits every name."""


class Key(NamedTuple):
    """A TSIG key; `secret` is base64."""

    name: str
    secret: str
    algorithm: str = "hmac-sha256"

    @property
    def statement(self) -> str:
        """The key statement for a configuration."""
        return f'key "{self.name}" {{ algorithm {self.algorithm}; secret "{self.secret}"; }};\n'

    def ring(self) -> dict[dns.name.Name, dns.tsig.Key]:
        """What dnspython signs with."""
        name = dns.name.from_text(self.name)
        return {name: dns.tsig.Key(name, self.secret, self.algorithm)}


class Request(NamedTuple):
    """One request for a full transfer. `source` is an address of this machine.

    `destination` is the server's address; None: ::1 from an IPv6 source, else the server's usual one. `recursion`:
    whether the request asks for it (RD).
    """

    zone: str
    source: str | None = None
    key: Key | None = None
    destination: str | None = None
    recursion: bool = False


class Reply(NamedTuple):
    """What came back. `serial` is that of the zone, if it is served; `tsig_error` of a signed refusal, else 0."""

    rcode: dns.rcode.Rcode
    serial: int | None = None
    tsig_error: int = 0


def options_block(extra: str = "", *, listen: str = "127.0.0.1;", listen_v6: str = "none;") -> str:
    """An options block, and no control channel, for a named that keeps to its directory and to loopback."""
    return (
        "controls { };\n"
        "options {\n"
        "\tpid-file none;\n"
        "\tsession-keyfile none;\n"
        "\trecursion no;\n"
        "\tdnssec-validation no;\n"
        "\tnotify no;\n"
        "\ttcp-clients 1000;\n"
        "\ttransfers-out 1000;\n"
        "\tstartup-notify-rate 1000;\n"
        f"\tlisten-on {{ {listen} }};\n"
        f"\tlisten-on-v6 {{ {listen_v6} }};\n"
        f"{extra}"
        "};\n"
    )


class StartError(Exception):
    """named did not come up; the text ends with its log."""


class Server:
    """A named that runs. `port` is its port for UDP and TCP, `directory` where it works and logs."""

    def __init__(self, process: subprocess.Popen[bytes], directory: Path, port: int, address: str) -> None:
        self.process = process
        self.directory = directory
        self.port = port
        self.address = address

    @property
    def log(self) -> str:
        """All that named has logged so far."""
        return (self.directory / "named.log").read_text(errors="replace")

    def axfr(self, zone: str, source: str | None = None, key: Key | None = None) -> bool:
        """Whether named serves the zone.

        Raises:
            AssertionError: the answer is neither the zone nor REFUSED.
        """
        rcode = self.axfr_rcode(zone, source, key)
        assert rcode in (dns.rcode.NOERROR, dns.rcode.REFUSED), (zone, source, key and key.name, rcode)
        return rcode == dns.rcode.NOERROR

    def axfr_rcode(self, zone: str, source: str | None = None, key: Key | None = None) -> dns.rcode.Rcode:
        """What named answers to a request for the zone; NOERROR means that it serves it."""
        return self.axfr_many([Request(zone, source, key)])[0]

    def axfr_many(self, requests: Sequence[Request]) -> list[dns.rcode.Rcode]:
        """The answers to many requests, in their order.

        Raises:
            ConnectionError: named closes a connection.
        """
        replies = self.replies(requests)
        if None in replies:
            raise ConnectionError("named closed the connection")
        return [reply.rcode for reply in replies if reply is not None]

    def replies(self, requests: Sequence[Request]) -> list[Reply | None]:
        """The replies to many requests, in their order; None where named drops the client without a word.

        There is one connection for each source and destination.
        """
        ends: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
        for index, request in enumerate(requests):
            ends[request.source, request.destination].append(index)
        answers: dict[int, Reply | None] = {}
        with ThreadPoolExecutor(max_workers=8) as pool:
            for indexes, found in pool.map(
                lambda item: (item[1], self._ask(item[0], [requests[index] for index in item[1]])),
                ends.items(),
            ):
                answers.update(zip(indexes, found, strict=True))
        return [answers[index] for index in range(len(requests))]

    def _ask(self, ends: tuple[str | None, str | None], requests: Sequence[Request]) -> list[Reply | None]:
        source, destination = ends
        v6 = source is not None and ":" in source
        target = (destination or ("::1" if v6 else self.address), self.port)
        answers: list[Reply | None] = [None] * len(requests)
        with socket.socket(socket.AF_INET6 if v6 else socket.AF_INET) as connection:
            connection.settimeout(ANSWER_SECONDS)
            if source is not None:
                # An IPv6 address that is ours by a route only (tests/network_namespace.py) needs this.
                connection.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
                connection.bind((source, 0))
            try:
                connection.connect(target)
                # named answers each in a segment of its own and holds the next back until the last is acknowledged.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _exchange(connection, requests, answers)
            except ConnectionError:
                # A client that named drops gets its connection closed before the first answer, no other does.
                if any(answer is not None for answer in answers):
                    raise
        return answers


def _exchange(connection: socket.socket, requests: Sequence[Request], answers: list[Reply | None]) -> None:
    """Send requests and put what comes back into `answers`."""
    # Message ids are the places in the list, so that it does not matter in which order answers come.
    waiting: dict[int, int] = {}
    sent = 0
    with connection.makefile("rb") as stream:
        while sent < len(requests) or waiting:
            if len(waiting) <= _WINDOW // 2 and sent < len(requests):
                window = range(sent, min(sent + _WINDOW - len(waiting), len(requests)))
                connection.sendall(b"".join(_wire(requests[index], index & 0xFFFF) for index in window))
                waiting.update((index & 0xFFFF, index) for index in window)
                sent = window.stop
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            message = _receive(stream, struct.unpack("!H", _receive(stream, 2))[0])
            index = waiting.pop(struct.unpack_from("!H", message)[0], -1)
            # Else it is a further message of a transfer that was counted with its first.
            if index >= 0:
                answers[index] = _reply(message, requests[index])


def _reply(message: bytes, request: Request) -> Reply:
    _, flags, questions, records, _, additional = struct.unpack_from("!6H", message)
    rcode = dns.rcode.Rcode(flags & 15)
    if rcode != dns.rcode.NOERROR:
        # TSIG comes last, and ends with its error and, for all errors but BADTIME, with no other data.
        signed = request.key is not None and additional
        return Reply(rcode, None, struct.unpack("!H", message[-4:-2])[0] if signed else 0)
    # Not an empty success: a transfer has its SOA twice and something between.
    assert records >= 2, request
    at = 12
    for _ in range(questions):
        at = _behind_name(message, at) + 4
    at = _behind_name(message, at)
    type_, _, _, size = struct.unpack_from("!HHIH", message, at)
    assert type_ == dns.rdatatype.SOA, request
    return Reply(rcode, struct.unpack_from("!I", message, at + 10 + size - 20)[0])


def _behind_name(message: bytes, at: int) -> int:
    while message[at]:
        if message[at] >= 0xC0:
            return at + 2
        at += message[at] + 1
    return at + 1


@functools.cache
def _wire_name(name: str) -> bytes:
    wire = dns.name.from_text(name).canonicalize().to_wire()
    assert wire is not None
    return wire


def _wire(request: Request, number: int) -> bytes:
    """A request as it is sent over TCP. By hand: signing tens of thousands with dnspython takes most of a run."""
    flags = dns.flags.RD if request.recursion else 0
    question = _wire_name(request.zone) + struct.pack("!HH", dns.rdatatype.AXFR, dns.rdataclass.IN)
    if request.key is None:
        query = struct.pack("!6H", number, flags, 1, 0, 0, 0) + question
        return struct.pack("!H", len(query)) + query
    # RFC 8945, sections 4.2 and 4.3.3.
    key = request.key
    name, algorithm = _wire_name(key.name), _wire_name(key.algorithm)
    signed = int(time.time())
    times = struct.pack("!HIH", signed >> 32, signed & 0xFFFFFFFF, 300)
    variables = name + struct.pack("!HI", dns.rdataclass.ANY, 0) + algorithm + times + bytes(4)
    digest = getattr(hashlib, key.algorithm.removeprefix("hmac-"))
    plain = struct.pack("!6H", number, flags, 1, 0, 0, 0) + question
    mac = hmac.digest(base64.b64decode(key.secret), plain + variables, digest)
    data = algorithm + times + struct.pack("!H", len(mac)) + mac + struct.pack("!3H", number, 0, 0)
    record = name + struct.pack("!HHIH", dns.rdatatype.TSIG, dns.rdataclass.ANY, 0, len(data)) + data
    query = struct.pack("!6H", number, flags, 1, 0, 0, 1) + question + record
    return struct.pack("!H", len(query)) + query


def _receive(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ConnectionError("named closed the connection")
    return data


@contextlib.contextmanager
def running_named(
    directory: Path,
    conf_text: str,
    *,
    files: Mapping[str, str] | None = None,
    address: str = "127.0.0.1",
    port: int | None = None,
    debug: int = 0,
) -> Iterator[Server]:
    """Run named on a configuration until the block is left.

    It works in `directory`, so relative paths in the configuration lead there. Its port is a free one unless it is
    given, on the command line, where it beats what the configuration says; which addresses it listens on is up to the configuration, see `options_block`. It runs as root or as anybody,
    and several may run at once.

    Args:
        directory: where it works; made if missing.
        conf_text: the configuration. It must not send named's log elsewhere.
        files: more files by relative name, zone files for instance.
        address: where its IPv4 clients reach it.
        port: its port, see `free_port`.
        debug: how much more than usual it logs.

    Raises:
        StartError: it ends at once or is not ready in time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "named.conf").write_text(conf_text)
    for name, text in (files or {}).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    program = _program(directory)
    for _ in range(5 if port is None else 1):
        chosen = free_port(address) if port is None else port
        with (directory / "named.log").open("wb") as log:
            process = subprocess.Popen(
                [program, "-g", "-n", "2", "-c", "named.conf", "-p", str(chosen), "-d", str(debug)],
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            server = Server(process, directory, chosen, address)
            # Somebody else may have taken the port in between.
            if _wait(server):
                yield server
                return
        finally:
            _stop(process)
    raise StartError("the port was taken by somebody else")


def _wait(server: Server) -> bool:
    """Wait until named is ready; False if its port was taken."""
    until = time.monotonic() + START_SECONDS
    while True:
        log = server.log
        if ": address in use" in log:
            return False
        if log.rstrip().endswith(" running") or " running\n" in log:
            return True
        if server.process.poll() is not None:
            raise StartError(f"named ended with {server.process.returncode}:\n{server.log[-3000:]}")
        if time.monotonic() > until:
            raise StartError(f"named was not ready after {START_SECONDS} s:\n{log[-3000:]}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait(5)


def _program(directory: Path) -> str:
    found = shutil.which("named")
    if found is None:
        raise StartError("named is not on the PATH")
    # Where AppArmor confines named to the system's own directories, it does so by the program's path.
    with contextlib.suppress(OSError):
        if Path("/sys/module/apparmor/parameters/enabled").read_text().startswith("Y"):
            return str(shutil.copy(found, directory / "named"))
    return found


def free_port(*addresses: str) -> int:
    """A port that nobody has on any of these addresses, for UDP and TCP."""
    for _ in range(100):
        port = random.choice(_PORTS)
        try:
            with contextlib.ExitStack() as stack:
                for address in addresses:
                    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                        stack.enter_context(_bound(address, port, kind))
        except OSError:
            continue
        return port
    raise StartError("no free port")


def _bound(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address, port))
    except OSError:
        found.close()
        raise
    return found


class Received(NamedTuple):
    """One NOTIFY that a stand-in got: for which zone, where, over what, from where, and the key that signs it."""

    zone: str
    address: str
    port: int
    transport: str
    source: str
    source_port: int
    key: str | None


class StandIns:
    """Sockets that stand in for secondaries: they record every NOTIFY and answer it as a secondary does.

    A message with a TSIG is verified; one that does not verify is an error. What is no NOTIFY is not answered. Use it in a `with` block; `errors` must be empty in the end.
    """

    def __init__(self, places: Iterable[tuple[str, int]], keys: Iterable[Key]) -> None:
        self._ring = {name: key for each in keys for name, key in each.ring().items()}
        self._selector = selectors.DefaultSelector()
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._received: list[Received] = []
        self.errors: list[str] = []
        with contextlib.ExitStack() as stack:
            for address, port in places:
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    opened = stack.enter_context(_bound(address, port, kind))
                    opened.settimeout(ANSWER_SECONDS)
                    if kind == socket.SOCK_STREAM:
                        opened.listen(64)
                    self._selector.register(opened, selectors.EVENT_READ, (address, port))
            self._sockets = stack.pop_all()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> StandIns:
        """Begin to record."""
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        """Stop and close everything."""
        self._stopped.set()
        self._thread.join(ANSWER_SECONDS)
        self._selector.close()
        self._sockets.close()

    @property
    def received(self) -> list[Received]:
        """What has come so far, in the order of coming."""
        with self._changed:
            return list(self._received)

    def wait_for(self, zone: str, count: int) -> None:
        """Wait until a zone has been notified so many times.

        Raises:
            AssertionError: it was not, in START_SECONDS.
        """
        with self._changed:
            done = self._changed.wait_for(
                lambda: sum(each.zone == zone for each in self._received) >= count, START_SECONDS
            )
        assert done, f"no {count} NOTIFY for {zone}; errors: {self.errors}"

    def _run(self) -> None:
        while not self._stopped.is_set():
            for key, _ in self._selector.select(0.05):
                opened = key.fileobj
                assert isinstance(opened, socket.socket)
                try:
                    self._serve(opened, *key.data)
                except (OSError, dns.exception.DNSException) as error:
                    self.errors.append(f"{key.data}: {error!r}")

    def _serve(self, opened: socket.socket, address: str, port: int) -> None:
        if opened.type == socket.SOCK_DGRAM:
            wire, peer = opened.recvfrom(65535)
            answer = self._take(wire, address, port, "udp", peer)
            if answer is not None:
                opened.sendto(answer, peer)
            return
        connection, peer = opened.accept()
        connection.settimeout(ANSWER_SECONDS)
        with connection, connection.makefile("rb") as stream:
            wire = _receive(stream, struct.unpack("!H", _receive(stream, 2))[0])
            answer = self._take(wire, address, port, "tcp", peer)
            if answer is not None:
                connection.sendall(struct.pack("!H", len(answer)) + answer)

    def _take(
        self, wire: bytes, address: str, port: int, transport: str, peer: tuple[object, ...]
    ) -> bytes | None:
        if wire[2] >> 3 & 15 != dns.opcode.NOTIFY or wire[2] & 0x80:
            return None
        try:
            message = dns.message.from_wire(wire, keyring=self._ring)
        except (dns.message.UnknownTSIGKey, dns.tsig.BadSignature) as error:
            self.errors.append(f"{address} {port}: {error!r}")
            return None
        key = message.keyname.to_text(omit_final_dot=True).lower() if message.keyname is not None else None
        zone = message.question[0].name.to_text(omit_final_dot=True).lower()
        source, source_port = str(peer[0]), int(str(peer[1]))
        with self._changed:
            self._received.append(Received(zone, address, port, transport, source, source_port, key))
            self._changed.notify_all()
        return dns.message.make_response(message).to_wire()
