#!/usr/bin/env python3
"""A server that tells everybody what it was asked: echo_server.py EMULATOR [CERTIFICATE KEY]

The beginning of a path says which requests are answered so, and how; the others, and the rest of
the path, go to the emulator: /PLACE/STATUS/SHAPE/FORM/api/v2/... As a proxy it refuses everybody
by what he said. A token that it hands on is a secret that is easily found.
"""
import base64
import http.client
import http.server
import itertools
import json
import socketserver
import ssl
import sys
import threading
import time
import urllib.parse

TOKEN = "planted-secret.token/77+5="
HELD = 1.5  # seconds
PLACES = {
    "none": lambda method, path: False,
    "all": lambda method, path: True,
    "token": lambda method, path: path == "/oauth/token",
    "api": lambda method, path: path != "/oauth/token",
    "listing": lambda method, path: method == "GET" and "/templates?" in path,
    "create": lambda method, path: method == "POST" and path.endswith("/templates"),
    "webhook": lambda method, path: method != "GET" and "/webhooks" in path,
    "send": lambda method, path: "/conversations" in path,
}
# In base64 what is said begins at each place of three bytes in turn.
offsets = itertools.cycle(("", "-", "--"))
FORMS = {
    "plain": lambda text: text,
    "base64": lambda text: base64.b64encode((next(offsets) + text).encode()).decode(),
    "percent": lambda text: urllib.parse.quote(text, safe=""),
    "hex": lambda text: text.encode().hex(),
}


def make_fault(text):
    detail = {"errorCode": text, "fieldName": text, "entityName": text}
    return json.dumps({
        "message": text, "code": text, "status": 400, "contextId": text, "details": [detail],
        "errors": [{"message": text, "code": text}], "error": text, "description": text, "error_description": text,
        # and as what a good answer would have
        "id": text, "name": text, "access_token": {"not": text}, "entities": text})


SHAPES = {
    "json": make_fault,
    "html": lambda text: "<html><title>%s</title><body>%s</body></html>" % (text, text),
    "text": lambda text: text,
    "cut": make_fault,   # the connection ends in the middle
    "held": make_fault,  # its headers come, and nothing more
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        parts = self.path.split("/", 5)
        place, status, shape, form = parts[1:5] if len(parts) > 5 else ("all", "200", "text", "plain")
        path = "/" + parts[-1]
        if self.command == "CONNECT":
            place, status, shape, form, path = "all", "407", "json", "plain", self.path
        if PLACES[place](self.command, path):
            self.tell(int(status), shape, FORMS[form], body)
        else:
            self.hand_on(path, body)

    def tell(self, status, shape, encode, body):
        self.server.told += 1
        authorization = " ".join(value for name, value in self.headers.items() if "authorization" in name.lower())
        said = "\r\n".join([authorization, body, self.requestline] + ["%s: %s" % row for row in self.headers.items()])
        data = SHAPES[shape](encode(said)).encode()
        self.send_response(status)
        for name in ("ININ-Correlation-Id", "X-Echo", "Set-Cookie"):
            self.send_header(name, encode(authorization or body[-40:]))
        self.send_header("WWW-Authenticate", 'Basic realm="%s"' % encode(authorization))
        if 300 <= status < 400:
            self.send_header("Location", "/" + urllib.parse.quote(said))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if shape == "held":
            time.sleep(HELD)
        if shape in ("cut", "held"):
            data = data[:len(data) // 2]
            self.close_connection = True
        self.wfile.write(data)

    def hand_on(self, path, body):
        connection = http.client.HTTPConnection(self.server.emulator, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        if "Authorization" in headers:
            headers["Authorization"] = headers["Authorization"].replace(TOKEN, self.server.token or "")
        connection.request(self.command, path, body.encode(), headers)
        answer = connection.getresponse()
        data = answer.read()
        if path == "/oauth/token" and answer.status == 200:
            told = json.loads(data)
            self.server.token = told["access_token"]
            data = json.dumps({**told, "access_token": TOKEN}).encode()
        connection.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = answer

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    told, token = 0, None

    def handle_error(self, *_):
        """Clients that go away, or refuse its certificate."""


def start(emulator, certificate=None):
    server = Server(("127.0.0.1", 0), Handler)
    server.emulator = emulator
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main():
    emulator = sys.argv[1].split("//")[1]
    servers = [start(emulator), start(emulator, sys.argv[2:4])]
    print("listening on http://127.0.0.1:%d and https://127.0.0.1:%d" % tuple(
        server.server_port for server in servers), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
