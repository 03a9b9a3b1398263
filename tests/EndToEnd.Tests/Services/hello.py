"""A service in the standard library alone: the socket is descriptor 3, a frame is four bytes of length and a JSON object."""
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


def answer(request):
    reply = {"v": 1, "req_id": request["req_id"]}
    if request["method"] == "hello.greet":
        greeting = os.environ["GREETING"] + ", " + request.get("params", {}).get("name", "world")
        return reply | {"ok": True, "result": {"text": greeting, "arguments": sys.argv[1:], "pid": os.getpid()}}
    return reply | {"ok": False, "error": {"code": 5, "message": "no such method; there is hello.greet"}}


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
