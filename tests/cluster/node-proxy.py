#!/usr/bin/env python3
"""node-proxy.py SOCKET: a HTTP CONNECT proxy on 127.0.0.1 in front of the egress map, so that a program outside the
cluster reaches the nodes' addresses too (HTTPS_PROXY). Prints its port, and runs until it is ended."""
import socket, sys, threading

def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for s in (source, sink):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

def serve(client, path):
    with client, socket.socket(socket.AF_UNIX) as nodes:
        nodes.connect(path)
        back = threading.Thread(target=pump, args=(nodes, client), daemon=True)
        back.start()
        pump(client, nodes)
        back.join()

def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, sys.argv[1]), daemon=True).start()

main()
