#!/usr/bin/env python3
"""A server that takes PUT, as S3-compatible storage and as a plain one: put_server.py FOLDER CERTIFICATE KEY KEY_ID SECRET REGION TOKEN [SESSION]

Prints "ready HTTP_PORT HTTPS_PORT" and ends when standard input ends. /s3/... wants a request signed by AWS Signature Version 4 with the key,
whose signature it makes again from what it received, by the algorithm's published steps; /put/... wants the bearer token; /fail/N/NAME answers 500 the
first N times; /403 refuses. What is taken goes to FOLDER, under its path."""
import hashlib
import hmac
import http.server
import os
import re
import ssl
import sys
import threading

folder, certificate, key, key_id, secret, region, token = sys.argv[1:8]
session = sys.argv[8] if len(sys.argv) > 8 else None
failed = {}


def mac(k, text):
    return hmac.new(k, text.encode(), hashlib.sha256).digest()


def signature_fault(handler, body):
    m = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})",
                     handler.headers.get("Authorization", ""))
    if not m:
        return "no signature"
    who, day, where, service, names, signature = m.groups()
    date = handler.headers.get("x-amz-date", "")
    digest = handler.headers.get("x-amz-content-sha256", "")
    if (who, where, service) != (key_id, region, "s3") or not date.startswith(day):
        return "another key, region, service or day"
    if digest != hashlib.sha256(body).hexdigest():
        return "x-amz-content-sha256 is not the body's"
    signed = names.split(";")
    if signed != sorted(signed) or not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed):
        return f"signed headers {names}"
    if session and ("x-amz-security-token" not in signed or handler.headers.get("x-amz-security-token") != session):
        return "no session token among what is signed"
    canonical = "\n".join(["PUT", handler.path, "", *(f"{n}:{' '.join(handler.headers[n].split())}" for n in signed if n in handler.headers), "", names, digest])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, f"{day}/{where}/{service}/aws4_request", hashlib.sha256(canonical.encode()).hexdigest()])
    k = mac(mac(mac(mac(("AWS4" + secret).encode(), day), where), service), "aws4_request")
    return None if hmac.compare_digest(mac(k, to_sign).hex(), signature) else "SignatureDoesNotMatch"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text=""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if status == 302:
            self.send_header("Location", "/put/elsewhere")
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        top = self.path.split("/")[1]
        if top == "s3":
            fault = signature_fault(self, body)
            if fault:
                return self.answer(403, f"<Error><Code>{fault}</Code>\x1b[31m</Error>")
        elif top == "put" and self.headers.get("Authorization") != "Bearer " + token:
            return self.answer(401, "who are you?")
        elif top == "fail":
            n = int(self.path.split("/")[2])
            failed[self.path] = failed.get(self.path, 0) + 1
            if failed[self.path] <= n:
                return self.answer(503, "slow down")
        elif top in ("403", "302"):
            return self.answer(int(top), "no")
        to = folder + self.path
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with open(to, "wb") as f:
            f.write(body)
        with open(to + ".type", "w", encoding="utf-8") as f:
            f.write(self.headers["Content-Type"])
        return self.answer(200)

    def log_message(self, *_):
        pass


plain, secure = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
for s in (plain, secure):
    threading.Thread(target=s.serve_forever, daemon=True).start()
print("ready", plain.server_address[1], secure.server_address[1], flush=True)
sys.stdin.read()
