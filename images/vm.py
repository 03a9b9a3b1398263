"""A virtual machine under QEMU that a test talks to: the console goes to a file, commands to a root shell on the second serial port."""
import os
import re
import signal
import socket
import subprocess
import time


class Vm:
    """Boots a machine; a context manager that never leaves one running."""

    def __init__(self, directory, arguments, patience=240, memory=1536):
        self.console = os.path.join(directory, "console.log")
        self.socket_path = os.path.join(directory, "shell.sock")
        self.patience = patience
        self.marks = 0
        self.command = [
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max,-smap", "-M", "q35", "-smp", "2", "-m", str(memory),
            "-nodefaults", "-display", "none", "-no-reboot", "-serial", "file:" + self.console,
            "-serial", f"unix:{self.socket_path},server=on,wait=off", *arguments,
        ]
        self.process = None
        self.shell = None
        self.read = b""

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.cut_power()

    def cut_power(self):
        """Ends the machine as a power cut does."""
        if self.shell is not None:
            self.shell.close()
            self.shell = None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.read = b""

    def wait_for_shell(self):
        """Waits until the machine's shell answers."""
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the machine ended with {self.process.returncode} before its shell answered")
            try:
                if self.shell is None and os.path.exists(self.socket_path):
                    self.shell = socket.socket(socket.AF_UNIX)
                    self.shell.connect(self.socket_path)
                if self.shell is not None and self.run("\x03\nstty -echo -onlcr; PS1=; true", patience=3)[0] == 0:
                    return
            except (ConnectionError, FileNotFoundError):
                self.shell = None
            except TimeoutError:
                pass
            time.sleep(0.5)
        raise TimeoutError("the machine's shell did not answer")

    def run(self, command, patience=None):
        """Runs a command in the machine; gives its exit code and what it printed."""
        self.marks += 1
        mark = f"END{self.marks}"
        # Without quotes, so that a line that was cut while the machine set its terminal up leaves nothing open.
        self.shell.sendall(f"{command}\necho {mark} $?\n".encode())
        pattern = re.compile((mark + r" (\d+)\r?\n").encode())
        end = time.monotonic() + (patience or self.patience)
        while True:
            found = pattern.search(self.read)
            if found:
                text = self.read[:found.start()]
                self.read = self.read[found.end():]
                return int(found[1]), text.decode(errors="replace").strip("\r\n")
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no end of: {command}\n{self.read.decode(errors='replace')}")
            self.shell.settimeout(left)
            try:
                more = self.shell.recv(65536)
            except socket.timeout:
                continue
            if not more:
                raise ConnectionError("the machine closed its shell")
            self.read += more
