"""A headless Chromium that is driven by the DevTools protocol over a pipe: no port, no driver, no other package."""

import base64
import contextlib
import itertools
import json
import os
import select
import subprocess
import tempfile
import time
import urllib.parse

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
TIMEOUT_S = 60


class Browser:
    """A context manager: one process, with a profile of its own. Nothing but this machine has a name for it."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        their_in, self.to = os.pipe()
        self.from_, their_out = os.pipe()
        flags = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--no-first-run",
                 "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-extensions",
                 "--disable-component-update", "--disable-sync", "--lang=en-US",
                 "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # it has none for root
        command = ["bash", "-c", f'exec "$@" 3<&{their_in} 4>&{their_out}', "bash", CHROMIUM, *flags, "about:blank"]
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, pass_fds=(their_in, their_out), stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, env=dict(os.environ, TZ="UTC"))
        os.close(their_in)
        os.close(their_out)
        self.numbers = itertools.count(1)
        self.received = b""
        self.results = {}
        self.pages = {}
        return self

    def __exit__(self, *_):
        with contextlib.suppress(RuntimeError, OSError):
            self.call("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to)
        os.close(self.from_)
        self.log.close()
        self.profile.cleanup()

    def read(self, deadline):
        """The next message."""
        while b"\0" not in self.received:
            ready, _, _ = select.select([self.from_], [], [], max(deadline - time.monotonic(), 0))
            piece = os.read(self.from_, 1 << 16) if ready else b""
            if not piece:
                self.log.seek(0)
                raise RuntimeError("chromium does not answer: " + self.log.read()[-4000:].decode(errors="replace"))
            self.received += piece
        text, self.received = self.received.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        sent = json.dumps(message).encode() + b"\0"
        while sent:
            sent = sent[os.write(self.to, sent):]
        deadline = time.monotonic() + TIMEOUT_S
        while number not in self.results:
            answer = self.read(deadline)
            page = self.pages.get(answer.get("sessionId"))
            if "id" in answer:
                self.results[answer["id"]] = answer
            elif page:
                page.hear(answer["method"], answer["params"])  # which may call, too
        answer = self.results.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def page(self, **screen):
        """A page that shares nothing with others: no cache, no storage."""
        return Page(self, **screen)


class Page:
    def __init__(self, browser, width=1280, height=900, dark=False, mobile=False):
        self.browser = browser
        self.requests = []  # URLs, in their order
        self.problems = []  # what the console says of errors, refused by policy among them
        self.refused = []  # what it says of answers that are errors
        self.stand_in = None  # what is answered in place of the service
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        self.target = browser.call("Target.createTarget", url="about:blank",
                                   browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=2 if mobile else 1, mobile=mobile)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        del self.browser.pages[self.session]
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def hear(self, method, said):
        if method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method == "Fetch.requestPaused":
            status, body = self.stand_in
            self.call("Fetch.fulfillRequest", requestId=said["requestId"], responseCode=status,
                      body=base64.b64encode(body.encode()).decode())
        elif method == "Log.entryAdded" and said["entry"]["level"] in ("error", "warning"):
            entry = said["entry"]
            (self.refused if entry["source"] == "network" else self.problems).append(entry["text"])
        elif method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(said["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and said["type"] in ("error", "warning", "assert"):
            self.problems.append(json.dumps(said["args"]))

    def faster(self, times):
        """From the next address on timers of the page run so many times faster."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source=f"""{{
          const wait = window.setTimeout;
          window.setTimeout = (then, ms, ...more) => wait(then, ms / {times}, ...more);
        }}""")

    def answer_instead(self, pattern, status, body):
        """From now on requests for addresses of the pattern get this answer, and do not reach the service."""
        self.stand_in = (status, body)
        self.call("Fetch.enable", patterns=[{"urlPattern": pattern}])

    def let_through(self):
        self.call("Fetch.disable")

    def open(self, url):
        failed = self.call("Page.navigate", url=url).get("errorText")
        assert not failed, failed
        self.wait("document.readyState === 'complete'")
        return self

    def evaluate(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, script):
        """Until the expression is true; what it is then, true for an element."""
        script = f"(value => value instanceof Node || value)({script})"
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            value = self.evaluate(script)
            if value:
                return value
            shown = f"{self.text()[:2000]}\n{self.problems}{self.refused}" if time.monotonic() > deadline else None
            assert shown is None, f"never true: {script}\n{shown}"
            time.sleep(0.02)

    def text(self, selector="body"):
        """What a person reads there."""
        return self.evaluate(f"(element => element?.checkVisibility() ? element.innerText : '')"
                             f"(document.querySelector({json.dumps(selector)}))")

    def click(self, selector):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def type(self, selector, text):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def press(self, key, code):
        """A key of the keyboard, by its name and its number in Windows."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind, more in (("keyDown", text), ("keyUp", {})):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def hosts(self):
        """Of all that was asked for."""
        return {urllib.parse.urlsplit(url).netloc for url in self.requests if not url.startswith(("about:", "data:"))}
