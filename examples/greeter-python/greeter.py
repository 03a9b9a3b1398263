#!/usr/bin/env python3
"""A Strata service in Python's standard library: greets whoever holds a capability with the right greeter.greet.

What the supervisor gives a service: its listening socket as descriptor 3, NOTIFY_SOCKET to announce readiness and life, and STRATA_RUNTIME_DIR, where the
sockets of other services are. What it asks of one: answer on the socket, say READY=1, and end on SIGTERM.
"""
import json
import os
import signal
import socket
import struct
import sys
import threading

SERVICE = "greeter"
MAX_FRAME_BYTES = 1024 * 1024
RIGHTS = {"greeter.greet": "greeter.greet", "greeter.ping": None}
CODES = {"INVALID_ARGUMENT": 1, "UNAUTHENTICATED": 2, "PERMISSION_DENIED": 3, "INTERNAL": 5, "UNAVAILABLE": 6}


class Refusal(Exception):
    """An answer other than the one hoped for."""

    def __init__(self, name, message, reason=None):
        super().__init__(message)
        self.error = {"code": CODES[name], "name": name, "message": message}
        if reason:
            self.error["details"] = {"reason": reason}


def read_frame(stream):
    """One message, or None at the end of the connection."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    if not 0 < length <= MAX_FRAME_BYTES:
        raise ValueError("impossible frame length")
    body = stream.read(length)
    return json.loads(body) if len(body) == length else None


def write_frame(stream, message):
    body = json.dumps(message, ensure_ascii=False).encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def introspect(token):
    """Asks identity, the one place that knows signatures, lifetimes and revocations."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(5)
        try:
            channel.connect(os.path.join(os.environ["STRATA_RUNTIME_DIR"], "identity.sock"))
            with channel.makefile("rwb") as stream:
                write_frame(stream, {"v": 1, "req_id": "1", "method": "identity.introspect", "params": {"token": token}})
                answer = read_frame(stream)
        except OSError as failure:
            raise Refusal("UNAVAILABLE", f"identity does not answer: {failure.strerror}") from failure
    if not answer or not answer.get("ok"):
        raise Refusal("UNAVAILABLE", "identity could not look into the token")
    return answer["result"]


def authorize(method, token):
    """Deny by default: a method that is not listed is unknown, a listed one needs its right."""
    if method not in RIGHTS:
        raise Refusal("INVALID_ARGUMENT", f"unknown method: {method}")
    right = RIGHTS[method]
    if right is None:
        return
    if not isinstance(token, str) or not token:
        raise Refusal("UNAUTHENTICATED", "this method needs a capability; send its token in auth.token", "missing_token")
    claims = introspect(token)
    if not claims["active"]:
        raise Refusal("UNAUTHENTICATED", f"the capability is not good: {claims.get('reason')}", claims.get("reason"))
    if claims.get("service") != SERVICE:
        raise Refusal("PERMISSION_DENIED", f"the capability is for {claims.get('service')}", "wrong_service")
    if right not in claims.get("rights", []):
        raise Refusal("PERMISSION_DENIED", f"the capability does not hold {right}", "right_missing")


def greet(params):
    name = params.get("name")
    if set(params) != {"name"} or not isinstance(name, str) or not 1 <= len(name) <= 100:
        raise Refusal("INVALID_ARGUMENT", 'the params are {"name": string of 1 to 100 characters}')
    return {"greeting": f"Hello, {name}."}


def answer(request):
    req_id = request.get("req_id") if isinstance(request, dict) else None
    try:
        if not isinstance(req_id, str) or request.get("v") != 1:
            raise Refusal("INVALID_ARGUMENT", "a request is an object with v 1 and a req_id")
        method = request.get("method")
        authorize(method, (request.get("auth") or {}).get("token"))
        result = greet(request.get("params") or {}) if method == "greeter.greet" else {"service": SERVICE, "pid": os.getpid()}
        return {"v": 1, "req_id": req_id, "ok": True, "result": result}
    except Refusal as refusal:
        return {"v": 1, "req_id": req_id if isinstance(req_id, str) else "", "ok": False, "error": refusal.error}


def serve(connection):
    with connection, connection.makefile("rwb") as stream:
        try:
            while (request := read_frame(stream)) is not None:
                write_frame(stream, answer(request))
        except (ValueError, OSError):
            pass  # Not a client of this protocol, or one that has left.


def notify(state):
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(state.encode(), path)


def show_life(stopping):
    interval = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
    while interval and not stopping.wait(interval / 3):
        notify("WATCHDOG=1")


def main():
    listener = socket.socket(fileno=3)
    stopping = threading.Event()

    def stop(*_):
        stopping.set()
        notify("STOPPING=1")
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=show_life, args=(stopping,), daemon=True).start()
    notify("READY=1")
    print("greeter serves", file=sys.stderr, flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


main()
