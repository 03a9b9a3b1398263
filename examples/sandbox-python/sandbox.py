"""Sandboxes of a Strata node for programs in Python: the standard library, a Unix socket, and frames of four bytes of length and JSON.

    with Sandbox.create("work", limits={"memory_bytes": 256 << 20}) as box:
        print(box.run("python3 -c 'print(6 * 7)'").stdout.decode())

The node is found by STRATA_RUNTIME_DIR (/run/strata without it), the capability in STRATA_TOKEN.
"""
import base64
import json
import os
import socket
import struct

MAX_FRAME_BYTES = 1024 * 1024
PIECE_BYTES = 512 * 1024
SPARE_SECONDS = 30


class Refused(Exception):
    """An answer other than the one hoped for. `name` is its kind, such as NOT_FOUND; `reason` tells programs why, its text tells people."""

    def __init__(self, method, error):
        self.name, self.reason = error["name"], error.get("details", {}).get("reason")
        super().__init__(f"{method}: {self.name}{f' ({self.reason})' if self.reason else ''}: {error['message']}")


class Ended:
    """How a command ended: exit_code, or the signal that ended it; timed_out when its time ran out; what it printed, up to a bound."""

    def __init__(self, stdout, stderr, end):
        self.stdout, self.stderr = stdout, stderr
        self.exit_code, self.signal = end.get("exit_code"), end.get("signal")
        self.timed_out, self.truncated, self.cwd = end["timed_out"], end["truncated"], end.get("cwd")


class Connection:
    """One connection: a call at a time. Closing it cancels what it asked for."""

    def __init__(self, service="sandbox", timeout=SPARE_SECONDS):
        path = os.path.join(os.environ.get("STRATA_RUNTIME_DIR") or "/run/strata", service + ".sock")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._stream = self._socket.makefile("rwb")
        self._last = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._socket.close()

    def call(self, method, **params):
        """One answer."""
        self._send(method, params, more=False)
        return self._receive(method)["result"]

    def stream(self, method, **params):
        """Answers as they come."""
        self._send(method, params, more=True)
        while (answer := self._receive(method)).get("continues"):
            yield answer["result"]

    def _send(self, method, params, more):
        self._last += 1
        request = {"v": 1, "req_id": str(self._last), "method": method, "params": {k: v for k, v in params.items() if v is not None}}
        if token := os.environ.get("STRATA_TOKEN"):
            request["auth"] = {"token": token}
        if more:
            request["more"] = True
        body = json.dumps(request, ensure_ascii=False).encode()
        self._stream.write(struct.pack(">I", len(body)) + body)
        self._stream.flush()

    def _receive(self, method):
        (length,) = struct.unpack(">I", self._exactly(4))
        if not 0 < length <= MAX_FRAME_BYTES:
            raise ConnectionError("the other side does not speak this protocol")
        answer = json.loads(self._exactly(length))
        if not answer["ok"]:
            raise Refused(method, answer["error"])
        return answer

    def _exactly(self, count):
        data = self._stream.read(count)
        if len(data) < count:
            raise ConnectionError("the service closed the connection; it may be restarting, so try again")
        return data


class Sandbox:
    """A session. Leaving a `with` closes it, with all that runs in it."""

    def __init__(self, name):
        self.name = name

    @classmethod
    def create(cls, name=None, **wishes):
        """The session of a name, made when there is none; without one always a new one. Wishes are the params of sandbox.create."""
        with Connection(timeout=120) as node:
            return cls(node.call("sandbox.create", session=name, **wishes)["session"]["session"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.close()
        except Refused as refused:
            if refused.reason != "session_not_found":  # It may have expired, or been revoked, meanwhile.
                raise

    def close(self):
        with Connection(timeout=120) as node:
            node.call("sandbox.close", session=self.name)

    def stream(self, command, timeout=120, stdin=None, **more):
        """Runs a command, yields ("stdout" or "stderr", bytes) as they come, and last ("end", Ended).

        A string is for the session's shell, in which directory and variables last; a list is a program and its arguments. Whoever stops
        reading ends the command."""
        spoken = {"command": command} if isinstance(command, str) else {"argv": list(command)}
        if stdin is not None:
            spoken["stdin_b64"] = base64.b64encode(stdin).decode()
        with Connection(timeout=timeout + SPARE_SECONDS) as node:
            for item in node.stream("sandbox.exec", session=self.name, timeout_ms=int(timeout * 1000), **spoken, **more):
                for name in ("stdout", "stderr"):
                    if item.get(name + "_b64"):
                        yield name, base64.b64decode(item[name + "_b64"])
                if "end" in item:
                    yield "end", item["end"]

    def run(self, command, timeout=120, stdin=None, max_output=8 << 20, **more):
        """Runs a command to its end. Of its output at most max_output bytes are kept; `truncated` tells when there was more."""
        printed = {"stdout": [], "stderr": []}
        for kind, data in self.stream(command, timeout, stdin, max_output_bytes=max_output, **more):
            if kind == "end":
                return Ended(b"".join(printed["stdout"]), b"".join(printed["stderr"]), data)
            printed[kind].append(data)
        raise ConnectionError("the stream ended before the command did")

    def read(self, path):
        """A file's bytes, whatever their number."""
        pieces, offset = [], 0
        with Connection() as node:
            while True:
                piece = node.call("sandbox.read", session=self.name, path=path, offset=offset, size=PIECE_BYTES)
                pieces.append(base64.b64decode(piece["data_b64"]))
                offset += len(pieces[-1])
                if piece["eof"]:
                    return b"".join(pieces)

    def write(self, path, data):
        """Puts a file in its place whole, or not at all; another of that name is replaced."""
        with Connection() as node:
            handle = node.call("sandbox.upload", session=self.name, path=path, replace=True)["handle"]
            for offset in range(0, len(data), PIECE_BYTES):
                node.call("sandbox.upload_write", handle=handle, offset=offset, data_b64=base64.b64encode(data[offset:offset + PIECE_BYTES]).decode())
            node.call("sandbox.upload_commit", handle=handle, size=len(data))
