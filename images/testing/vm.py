"""A virtual machine under QEMU that a test talks to: the console goes to a file, commands to a root shell on the second serial port."""
import os
import re
import signal
import socket
import subprocess
import time


class Vm:
    """Boots a machine; a context manager that never leaves one running."""

    def __init__(self, directory, name, arguments, console_shell=False, patience=300, memory=1536):
        self.console = os.path.join(directory, name + ".console")
        self.socket_path = os.path.join(directory, name + ".sock")
        self.patience = patience
        self.marks = 0
        # Emulated, which works everywhere; without smap, whose emulation ends the kernel when a .NET program faults.
        self.command = [
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max,-smap", "-M", "q35", "-smp", "2", "-m", str(memory),
            "-nodefaults", "-display", "none", "-no-reboot", *self.ports(console_shell), *arguments,
        ]
        self.process = None
        self.shell = None
        self.read = b""

    def ports(self, console_shell):
        """The first serial port is the console, kept in a file; the shell is on it, or on the second one."""
        shell = f"socket,id=shell,path={self.socket_path},server=on,wait=off"
        if console_shell:
            return ["-chardev", f"{shell},logfile={self.console}", "-serial", "chardev:shell"]
        return ["-serial", "file:" + self.console, "-chardev", shell, "-serial", "chardev:shell"]

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

    def wait_for_end(self):
        """Waits until the machine has ended by itself."""
        try:
            # Its shell stays connected: hung up on, it would not read what it was told.
            self.process.wait(self.patience)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError("the machine did not end") from error
        self.cut_power()

    def lines_until_cut(self, command, enough):
        """Runs a command and cuts the power when it has printed that many lines; gives the complete lines that came out."""
        self.shell.sendall(f"{command}\n".encode())
        self.shell.settimeout(self.patience)
        while self.read.count(b"\n") < enough:
            more = self.shell.recv(65536)
            if not more:
                raise ConnectionError("the machine closed its shell")
            self.read += more
        # What it had said before the cut counts, also when it was still on its way.
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        while more := self.shell.recv(65536):
            self.read += more
        lines = self.read.decode(errors="replace").split("\n")[:-1]
        self.cut_power()
        return lines

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
                if self.shell is not None and self.run("\x03\nstty -echo -onlcr; PS1=; export NO_COLOR=1 TERM=dumb; true", patience=3)[0] == 0:
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
