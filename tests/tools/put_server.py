#!/usr/bin/env python3
"""A server that takes PUT, as S3-compatible storage and as a plain one: put_server.py FOLDER CERTIFICATE KEY KEY_ID SECRET REGION TOKEN [SESSION]

Prints "ready HTTP_PORT HTTPS_PORT" and ends when standard input ends. /s3/... wants a request signed by AWS Signature Version 4 with the key,
whose signature it makes again from what it received, by the algorithm's published steps, with its day no further from the clock than storage allows;
/skew/... is such a one whose clock is an hour ahead, /moved/N/... answers N and the region of the bucket; /put/... wants the bearer token; /fail/N/NAME
answers 503 the first N times; /403 refuses. What is taken goes to FOLDER, under its path. Before it begins it makes the signature of the request that
Amazon's documentation of S3 works out ("Example: PUT Object"), and that of botocore where there is one."""
import datetime
import hashlib
import hmac
import http.server
import os
import re
import ssl
import sys
import threading
import time
import urllib.parse

folder, certificate, key, key_id, secret, region, token = sys.argv[1:8]
session = sys.argv[8] if len(sys.argv) > 8 else None
failed = {}


def mac(k, text):
    return hmac.new(k, text.encode(), hashlib.sha256).digest()


def canonical_path(path):
    """As S3 has it: each step decoded and encoded once, whatever a client did with it."""
    return urllib.parse.quote(urllib.parse.unquote(path), safe="/-_.~")


def signature(secret_key, where, date, path, headers, signed, digest):
    day = date[:8]
    canonical = "\n".join(["PUT", canonical_path(path), "", *(f"{n}:{' '.join(headers[n].split())}" for n in signed), "", ";".join(signed), digest])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, f"{day}/{where}/s3/aws4_request", hashlib.sha256(canonical.encode()).hexdigest()])
    k = mac(mac(mac(mac(("AWS4" + secret_key).encode(), day), where), "s3"), "aws4_request")
    return mac(k, to_sign).hex()


def hold_against_documentation():
    digest = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()
    headers = {"date": "Fri, 24 May 2013 00:00:00 GMT", "host": "examplebucket.s3.amazonaws.com", "x-amz-content-sha256": digest, "x-amz-date": "20130524T000000Z",
               "x-amz-storage-class": "REDUCED_REDUNDANCY"}
    made = signature("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "20130524T000000Z", "/test$file.text", headers, sorted(headers), digest)
    assert made == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", made


def other_signature(handler, signed, digest):
    """By botocore, of what it would send; None: it is not there."""
    try:
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
    except ImportError:
        return None
    request = AWSRequest("PUT", "https://" + handler.headers["host"] + handler.path, headers={n: handler.headers[n] for n in signed})
    auth = S3SigV4Auth(Credentials(key_id, secret, session), "s3", region)
    request.context["timestamp"] = handler.headers["x-amz-date"]
    to_sign = auth.string_to_sign(request, "\n".join(["PUT", auth._normalize_url_path(handler.path), "", auth.canonical_headers(auth.headers_to_sign(request)) + "\n",
                                                     auth.signed_headers(auth.headers_to_sign(request)), digest]))
    return auth.signature(to_sign, request)


def signature_fault(handler, body, ahead=0):
    m = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})",
                     handler.headers.get("Authorization", ""))
    if not m:
        return "no signature"
    who, day, where, service, names, claimed = m.groups()
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
    if any(n not in handler.headers for n in signed):
        return "a signed header is missing"
    at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
    if abs(at - time.time() - ahead) > 900:
        return "RequestTimeTooSkewed"
    made = signature(secret, where, date, handler.path, handler.headers, signed, digest)
    other = other_signature(handler, signed, digest)
    if other is not None and other != made:
        return "two implementations differ"
    return None if hmac.compare_digest(made, claimed) else "SignatureDoesNotMatch"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text="", bucket_region=None):
        self.send_response(status)
        if bucket_region:
            self.send_header("x-amz-bucket-region", bucket_region)
        self.send_header("Content-Length", str(len(text)))
        if status in (301, 302, 307):
            self.send_header("Location", "/put/elsewhere")
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        top = self.path.split("/")[1]
        if top in ("s3", "skew"):
            fault = signature_fault(self, body, 3600 if top == "skew" else 0)
            if fault:
                return self.answer(403, f"<Error><Code>{fault}</Code>\x1b[31m</Error>")
        elif top == "put" and self.headers.get("Authorization") != "Bearer " + token:
            return self.answer(401, "who are you?")
        elif top == "fail":
            n = int(self.path.split("/")[2])
            failed[self.path] = failed.get(self.path, 0) + 1
            if failed[self.path] <= n:
                return self.answer(503, "slow down")
        elif top == "moved":
            return self.answer(int(self.path.split("/")[2]), "<Error><Code>PermanentRedirect</Code></Error>", "eu-test-2")
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


hold_against_documentation()
plain, secure = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
for s in (plain, secure):
    threading.Thread(target=s.serve_forever, daemon=True).start()
print("ready", plain.server_address[1], secure.server_address[1], flush=True)
sys.stdin.read()
