# SPDX-License-Identifier: Apache-2.0
"""What the tests of vigied share: a server of their own, requests as clients make them, and counting."""
import base64
import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time

VIGIED = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "vigied"
failures = []


def check(what, got, wanted=True):
    if got != wanted:
        failures.append(what)
        print(f"FAILED: {what}: {got!r}, wanted {wanted!r}")
    return got == wanted


def finish():
    print(f"{len(failures)} failed" if failures else "all passed")
    sys.exit(1 if failures else 0)


class Answer:
    def __init__(self, got):
        self.status = got.status
        self.body = got.read()
        self.all_headers = got.getheaders()
        self.headers = {k.lower(): v for k, v in self.all_headers}

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """vigied, started on a free port; demo: with invented data in a store that is given up at the end."""

    def __init__(self, *args, demo=True, store=None, config=None, limit_file=None, env=None):
        words = [VIGIED, "--demo" if demo else "serve", "--listen", "127.0.0.1:0"]
        if store:
            words += ["--store", store]
        if config:
            words += ["--config", config]

        def limit():
            if limit_file is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit_file, limit_file))

        self.log = tempfile.TemporaryFile("a+b")  # the server writes at the end, wherever it is read
        self.process = subprocess.Popen(words + list(args), stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        preexec_fn=limit, env={**os.environ, **(env or {})})
        self.said = ""
        self.port = None
        for line in self.process.stdout:
            self.said += line
            found = re.match(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                self.port = int(found.group(1))
                break

    def logged(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def counted(self, what):
        """How often the log has it, once no more lines come."""
        last, now = None, self.logged()
        while last != now:
            time.sleep(0.3)
            last, now = now, self.logged()
        return now.count(what)

    def request(self, method, path, body=None, headers=None, connection=None):
        c = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        c.putrequest(method, path, skip_accept_encoding=True)
        for k, v in (headers or {}).items():
            c.putheader(k, v)
        if body is not None:
            c.putheader("Content-Length", str(len(body)))
        c.endheaders(body)
        answer = Answer(c.getresponse())
        if not connection:
            c.close()
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def raw(self, data, timeout=10):
        """What comes back for bytes sent as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            out = b""
            try:
                while piece := s.recv(65536):
                    out += piece
            except OSError:
                pass
            return out

    def alive(self):
        return self.process.poll() is None and self.get("/healthz").status == 200

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def token(store, name, *options):
    done = subprocess.run([VIGIED, "token", "add", name, "--store", store, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return "Basic " + base64.b64encode(f"{name}:{done.stdout.strip()}".encode()).decode()


def make_store(folder, name="registry.db"):
    """A store of invented data that stays."""
    url = f"sqlite:{folder}/{name}"
    with Server(store=url) as s:
        check("a demonstration starts", s.port is not None)
        check("a demonstration ends", s.stop(), 0)
    return url


def wait_for(what, seconds=10):
    """Until it is true; False when it never was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False
