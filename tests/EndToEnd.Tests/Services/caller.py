"""A service that calls others with what it was handed: caller.try answers what each attempt came to."""
import json
import os
import signal
import socket
import struct
import sys
import threading


def notify(state):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), os.environ["NOTIFY_SOCKET"])


def exchange(stream, request):
    body = json.dumps(request).encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()
    return json.loads(stream.read(struct.unpack(">I", stream.read(4))[0]))


def ask(method, params):
    """Reads the file anew for every call: it is replaced before what it holds expires."""
    service = method.split(".")[0]
    with open(os.environ["STRATA_CAPABILITIES"], encoding="utf-8") as file:
        token = json.load(file)[service]["token"]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.path.join(os.environ["STRATA_RUNTIME_DIR"], service + ".sock"))
        with connection.makefile("rwb") as stream:
            return exchange(stream, {"v": 1, "req_id": "1", "method": method, "params": params, "auth": {"token": token}})


def answer(request):
    reply = {"v": 1, "req_id": request["req_id"]}
    if request["method"] == "caller.try":
        params = request.get("params", {})
        try:
            came = ask(params["method"], params.get("params", {}))
        except (OSError, KeyError, ValueError) as fault:
            came = {"fault": repr(fault)}
        return reply | {"ok": True, "result": {"came": came, "file": os.environ.get("STRATA_CAPABILITIES"), "pid": os.getpid(), "uid": os.getuid()}}
    return reply | {"ok": False, "error": {"code": 5, "message": "no such method; there is caller.try"}}


def serve(connection):
    with connection, connection.makefile("rwb") as stream:
        while len(head := stream.read(4)) == 4:
            body = json.dumps(answer(json.loads(stream.read(struct.unpack(">I", head)[0])))).encode()
            stream.write(struct.pack(">I", len(body)) + body)
            stream.flush()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
listener = socket.socket(fileno=3)
notify("READY=1")
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
