#!/usr/bin/env python3
"""A TCP relay on 127.0.0.1 that makes trouble once the server has sent so many bytes.

proxy.py TARGET_PORT STATE_FILE BYTES ACTION...
  close          ends every connection and takes no new one
  drop           ends every connection once, and serves new ones
  stall          holds every connection open, and nothing moves any more
  run COMMAND    runs a command first, then goes on as before
The port is written to STATE_FILE.port, and the bytes relayed so far to STATE_FILE.bytes. Ends when its input ends.
"""
import os
import socket
import subprocess
import sys
import threading

target, state, limit, action = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]
lock = threading.Lock()
total = 0
fired = False
ended = threading.Event()
stalled = threading.Event()
connections = []


def write(suffix, text):
    with open(state + suffix + ".new", "w", encoding="ascii") as f:
        f.write(text)
    os.replace(state + suffix + ".new", state + suffix)


def trouble(listener):
    if action[0] == "run":
        subprocess.run(action[1:], check=False, stdout=subprocess.DEVNULL)
    elif action[0] == "stall":
        stalled.set()
        threading.Event().wait()
    else:
        if action[0] == "close":
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)  # wakes the one who accepts
            listener.close()
        for c in list(connections):
            try:
                c.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def relay(source, sink, listener, counted):
    global total, fired
    try:
        while data := source.recv(16384):
            if counted:
                with lock:  # held while a command runs: nothing else moves meanwhile
                    total += len(data)
                    write(".bytes", str(total))
                    if total >= limit and not fired:
                        fired = True
                        trouble(listener)
            if stalled.is_set():
                threading.Event().wait()
            sink.sendall(data)
    except OSError:
        pass
    for c in (source, sink):
        try:
            c.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(listener):
    while not ended.is_set():
        try:
            client, _ = listener.accept()
        except OSError:
            continue
        try:
            if ended.is_set():
                raise OSError
            server = socket.create_connection(("127.0.0.1", target))
        except OSError:
            client.close()
            continue
        connections.extend((client, server))
        for a, b, counted in ((client, server, False), (server, client, True)):
            threading.Thread(target=relay, args=(a, b, listener, counted), daemon=True).start()


with socket.create_server(("127.0.0.1", 0)) as s:
    write(".port", str(s.getsockname()[1]))
    threading.Thread(target=serve, args=(s,), daemon=True).start()
    sys.stdin.read()
    os._exit(0)
