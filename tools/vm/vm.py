# SPDX-License-Identifier: GPL-2.0
"""Owns one test machine: finds out how QEMU can run it, packs its payload, boots it, relays
the command's output and reads its kernel log afterwards."""

import ctypes
import fcntl
import hashlib
import os
import pathlib
import platform
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

import klog

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = TOP / "tools" / "vm"
QEMU = "qemu-system-x86_64"

# Exit status of a run whose command did not fail by itself.
REPORT, TIMEOUT, BROKEN = 120, 124, 125

BOOT_SECONDS = 300          # a loaded host, emulated: thirty times the usual
BOOT_TRIES = 3              # of a guest that dies before its first process
PROBE_SECONDS = 20
PAYLOAD = ("selftests", "tools", "Documentation", "include")
LEFT_OUT = {"build", "__pycache__", ".git"}
LEFT_OUT_SUFFIXES = (".o", ".cmd", ".mod", ".mod.c", ".pyc")

STOPPING = threading.Event()    # set: all machines shall end
PROBING = threading.Lock()


class Broken(Exception):
    """The machine could not be made, booted or read: no verdict about the command."""


def say(text):
    """A line of ours, apart from what the guest prints."""
    sys.stdout.flush()
    print(f"vm: {text}", file=sys.stderr, flush=True)


def tool(*command):
    """Runs a helper of tools/ and returns the path it prints."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Broken(f"{pathlib.Path(command[0]).name} failed")
    return pathlib.Path(done.stdout.strip())


def system_of(kernel):
    """The guest system of a kernel, made if it is not there yet."""
    tool(TOP / "tools/setup/require", "vm")
    return tool(HERE / "root", kernel)


def debug_kernel_made():
    """Whether the debug kernel is there: to build it takes long."""
    return not subprocess.run([str(HERE / "debug-kernel"), "--path"],
                              capture_output=True).returncode


def module_of(kernel):
    """The freshly built module of a kernel."""
    return tool(HERE / "module", kernel)


def modules_of(kernel):
    """What is built for the tests on a kernel: the module, on the debug kernel also the one
    with the KUnit tests."""
    found = [module_of(kernel)]
    kunit = found[0].parents[3] / "selftests/kunit/vmmq_kunit.ko"
    return found + [kunit] if kunit.exists() else found


def build_tool():
    """Builds the command-line tool where it stands, one build at a time."""
    folder = TOP / "tools/vmmqctl"
    if not (folder / "Makefile").exists():
        return
    tool(TOP / "tools/setup/require", "tool")
    (TOP / "build").mkdir(exist_ok=True)
    with open(TOP / "build/.tool.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if subprocess.run(["make", "-s", "-C", str(folder)], stdout=sys.stderr).returncode:
            raise Broken("vmmqctl does not build")


# ---- KVM or emulation ----

def kvm_boots(system):
    """Boots a guest that ends by itself: /dev/kvm may open and yet hang every guest."""
    say(f"/dev/kvm opens: trying for at most {PROBE_SECONDS} s whether a guest boots in it")
    command = [QEMU, "-machine", "q35,accel=kvm", "-cpu", "host", "-m", "256", "-smp", "2",
               "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
               "-kernel", str(system / "vmlinux"), "-initrd", str(system / "initramfs"),
               "-append", "vmmq.probe quiet panic=-1"]
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=PROBE_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def accel(system):
    """ "kvm" or "tcg"; asked once per boot of the host, then read from the cache."""
    with PROBING:
        return accel_of(system) if os.access("/dev/kvm", os.R_OK | os.W_OK) else "tcg"


def accel_of(system):
    """accel() of a host that has KVM."""
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    answer = system.parent / f"accel-{platform.release()}-{boot}"
    if not answer.exists():
        found = "kvm" if kvm_boots(system) else "tcg"
        say(f"using {found}")
        for old in system.parent.glob("accel-*"):
            old.unlink(missing_ok=True)
        temp = answer.with_suffix(f".{os.getpid()}")
        temp.write_text(found)
        temp.replace(answer)
    return answer.read_text()


# ---- payload ----

def wanted(info):
    """Filter of the payload: sources and scripts, nothing a build left behind."""
    name = os.path.basename(info.name)
    if name in LEFT_OUT or name.endswith(LEFT_OUT_SUFFIXES):
        return None
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def build_helpers():
    """What the tests want compiled; one run at a time, others may be packing the result."""
    (TOP / "build").mkdir(exist_ok=True)
    with open(TOP / "build" / ".helpers", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if subprocess.run(["make", "-s", "-C", str(TOP / "selftests"), "helpers"],
                          stdout=sys.stderr).returncode:
            raise Broken("the helpers of selftests/ do not build")


def pack(path, modules, texts):
    """Writes the payload: the project's scripts, the modules, Python's netlink library,
    the run's own small files."""
    if (TOP / "selftests/Makefile").exists():
        build_helpers()
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in PAYLOAD:
            if (TOP / name).exists():
                tar.add(TOP / name, name, filter=wanted)
        for module in modules:
            pack_module(tar, module)
        pack_ynl(tar)
        for name, text in texts.items():
            pack_text(tar, f".vm/{name}", text)


def pack_text(tar, name, text):
    """Adds a file of this text."""
    with tempfile.NamedTemporaryFile("w", prefix="vmmq-") as file:
        file.write(text)
        file.flush()
        tar.add(file.name, name, filter=wanted)


def pack_module(tar, module):
    """Adds a module without its debug information, which is most of it and is read whole by
    every insmod."""
    with tempfile.NamedTemporaryFile(prefix="vmmq-") as file:
        bare = ["objcopy", "--strip-debug", str(module), file.name]
        stripped = not subprocess.run(bare, stderr=subprocess.DEVNULL).returncode
        tar.add(file.name if stripped else module, f"drivers/net/vmmq/{module.name}",
                filter=wanted)


def pack_ynl(tar):
    """Adds Python's netlink library: the kernel tree's ynl and the yaml it needs."""
    try:
        ynl = tool(TOP / "tools/netlink/generate", "--library") / "tools/net/ynl/lib"
    except Broken as error:
        say(f"no netlink library for the guest, its tests will skip: {error}")
        return
    for name in ("__init__.py", "nlspec.py", "ynl.py"):
        tar.add(ynl / name, f"python/ynl/{name}", filter=wanted)
    tar.add("/usr/lib/python3/dist-packages/yaml", "python/yaml", filter=wanted)
    for spec in sorted((TOP / "Documentation/netlink/specs").glob("*.yaml")):
        pack_parsed(tar, spec)


def pack_parsed(tar, spec):
    """Adds a spec as JSON, named by the hash of its text, see selftests/lib/specs.py: to
    parse it takes an emulated guest seconds. What JSON can't tell is left to the guest."""
    text = spec.read_text()
    name = hashlib.sha256(text.encode()).hexdigest()
    code = "import json, sys, yaml; d = yaml.safe_load(sys.stdin); t = json.dumps(d); " \
           "sys.exit(json.loads(t) != d or print(t))"
    done = subprocess.run(["/usr/bin/python3", "-c", code], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if not done.returncode:
        pack_text(tar, f"python/specs/{name}.json", done.stdout)


# ---- the machine ----

def die_with_parent():
    """Runs in the child: QEMU must not outlive a killed runner."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def new_log():
    """A fresh name for the kernel log; build/vm/last.log points to it."""
    folder = TOP / "build" / "vm"
    folder.mkdir(parents=True, exist_ok=True)
    me = f"{os.getpid()}.{threading.get_native_id()}"
    log = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{me}.log"
    link = folder / f".last.{me}"
    link.unlink(missing_ok=True)
    link.symlink_to(log.name)
    link.replace(folder / "last.log")
    return log


class Machine:
    """One boot. smp is QEMU's -smp argument, mem MiB, timeout seconds.

    system is the folder of another guest system than the kernel's own. With counted time
    the guest's clock goes by the instructions of its CPUs, which take turns."""

    def __init__(self, kernel, smp="4", mem=2048, append="", qemu=(), timeout=2400, log=None,
                 system=None, counted=False):
        self.system = system or system_of(kernel)
        self.release = (self.system / "release").read_text().strip()
        self.smp, self.mem, self.append = smp, mem, append
        self.qemu, self.timeout = list(qemu), timeout
        self.log = pathlib.Path(log) if log else new_log()
        self.own_log = not log
        self.counted = counted
        self.accel = "tcg" if counted else accel(self.system)
        self.boot_seconds = None
        self.cpu_seconds = 0

    def kernel_line(self):
        """Stall limits are generous since an emulated CPU may wait long for a host CPU."""
        line = ("root=/dev/vda console=ttyS0 loglevel=8 panic=-1 mitigations=off "
                "rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60 "
                "workqueue.watchdog_thresh=120 sysctl.kernel.hung_task_timeout_secs=240 "
                "random.trust_cpu=on printk.devkmsg=on log_buf_len=4M")
        if self.accel == "tcg":
            line += " tsc=reliable no_timer_check nmi_watchdog=0"
        return f"{line} {self.append}".strip()

    def command_line(self, payload, ports):
        """QEMU's arguments; ports maps the name of a serial port to our socket's number."""
        accel_cpu = ["kvm", "-cpu", "host"]
        if self.accel == "tcg":
            accel_cpu = ["tcg,thread=multi", "-cpu", "max,-la57"]
        if self.counted:
            accel_cpu = ["tcg,thread=single", "-icount", "shift=0,sleep=off",
                         "-cpu", "max,-la57"]
        args = [QEMU, "-machine", "q35", "-accel", *accel_cpu,
                "-smp", self.smp, "-m", str(self.mem),
                "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                "-kernel", str(self.system / "vmlinux"),
                "-initrd", str(self.system / "initramfs"),
                "-append", self.kernel_line(),
                "-chardev", f"file,id=console,path={self.log}", "-serial", "chardev:console",
                "-drive", f"file={self.system}/root.ext4,format=raw,if=none,id=root,snapshot=on",
                "-device", "virtio-blk-pci,drive=root",
                "-drive", f"file={payload},format=raw,if=none,id=payload,readonly=on",
                "-device", "virtio-blk-pci,drive=payload",
                "-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]
        for name, fd in ports.items():
            args += ["-chardev", f"socket,id={name},fd={fd}",
                     "-device", f"virtserialport,chardev={name},name=vmmq.{name}"]
        return args + self.qemu

    def run(self, command, modules=(), get=(), output=None):
        """Boots, runs command (a list), returns its exit status or None if there is none.

        output takes the command's output in pieces; get is a list of (guest, host) paths.
        """
        with tempfile.TemporaryDirectory(prefix="vmmq-") as temp:
            temp = pathlib.Path(temp)
            guest_files = [os.path.join("/vmmq", guest) for guest, _ in get]
            pack(temp / "payload", modules, {
                "command": f"exec {shlex.join(command)}\n",
                "files": "".join(f"{name}\n" for name in guest_files),
                "timeout": f"{int(self.timeout)}\n",
            })
            with open(temp / "files", "wb") as files:
                status = self.boot_stubbornly(temp / "payload", {
                    "out": output or to_stdout, "files": files.write})
            if status is not None:
                unpack(temp / "files", zip(guest_files, (host for _, host in get)))
            return status

    def boot_stubbornly(self, payload, sinks):
        """boot(), again if the guest died before it ran anything of ours: an emulated kernel
        that patches itself while it starts is now and then caught at it."""
        for left in reversed(range(BOOT_TRIES)):
            status = self.boot(payload, sinks)
            if self.boot_seconds is not None or not left:
                return status
            say(f"the guest died before its first process, see {self.log}; booting again")
            self.log = new_log() if self.own_log else self.log
        return None

    def boot(self, payload, sinks):
        """Runs QEMU until it ends; sinks maps a port to who takes its bytes."""
        self.control = b""
        sinks = dict(sinks, control=self.heard)
        ours, theirs = {}, {}
        for name in sinks:
            ours[name], theirs[name] = socket.socketpair()
        numbers = {name: end.fileno() for name, end in theirs.items()}
        self.started = time.monotonic()
        process = subprocess.Popen(self.command_line(payload, numbers),
                                   stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
                                   pass_fds=tuple(numbers.values()))
        for end in theirs.values():
            end.close()
        try:
            self.relay({ours[name]: sink for name, sink in sinks.items()})
            self.await_end(process)
        finally:
            os.kill(process.pid, signal.SIGKILL)    # a zombie it may be, but ours
            self.account(process)
            for end in ours.values():
                end.close()
        if process.returncode:
            raise Broken(f"QEMU ended with status {process.returncode}")
        return self.exit_status()

    @staticmethod
    def await_end(process):
        """Returns when QEMU has ended; it stays a zombie for account()."""
        for _ in range(300):
            if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(0.1)
        raise Broken("QEMU closed its ports but does not end")

    def account(self, process):
        """Takes the end of QEMU; adds its CPU time."""
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with open(f"/proc/{process.pid}/stat") as file:
            words = file.read().rpartition(")")[2].split()
        self.cpu_seconds += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        process.wait()

    def heard(self, data):
        """Takes what the guest's init says about itself."""
        self.control += data
        if self.boot_seconds is None and b"boot" in self.control:
            self.boot_seconds = time.monotonic() - self.started

    def exit_status(self):
        """The status the guest reported, None if it died before."""
        for line in self.control.decode(errors="replace").splitlines():
            if line.startswith("exit "):
                return int(line.split()[1])
        return None

    def relay(self, sinks):
        """Hands the ports' bytes to their sinks until the guest ends or time is up."""
        with selectors.DefaultSelector() as selector:
            for end, sink in sinks.items():
                selector.register(end, selectors.EVENT_READ, sink)
            while selector.get_map():
                for key, _ in selector.select(timeout=1):
                    data = key.fileobj.recv(65536)
                    if data:
                        key.data(data)
                    else:
                        selector.unregister(key.fileobj)
                self.check_time()

    def check_time(self):
        """Raises if the guest takes longer than it may, or if all shall end."""
        if STOPPING.is_set():
            raise Broken("stopped")
        spent = time.monotonic() - self.started
        if self.boot_seconds is None and spent > BOOT_SECONDS:
            raise Broken(f"the guest did not boot in {BOOT_SECONDS} s, see {self.log}")
        if spent > self.timeout:
            raise TimeoutError(f"the run did not end in {self.timeout:g} s: QEMU killed")

    def reports(self):
        """The kernel reports of this boot's log: (test or None, [lines])."""
        with open(self.log, errors="replace") as log:
            return list(klog.find_reports(log))


def to_stdout(data):
    """Default sink of the command's output."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def unpack(archive, pairs):
    """Copies files and folders out of the guest's tar to where the caller wants them."""
    pairs = list(pairs)
    if not pairs:
        return
    with tempfile.TemporaryDirectory(prefix="vmmq-") as temp:
        if os.path.getsize(archive):
            with tarfile.open(archive) as tar:
                tar.extractall(temp, filter="tar") if hasattr(tarfile, "tar_filter") \
                    else tar.extractall(temp)
        for guest, host in pairs:
            source = os.path.join(temp, guest.lstrip("/"))
            if os.path.isdir(source):
                shutil.copytree(source, host, dirs_exist_ok=True)
            elif os.path.exists(source):
                shutil.copy(source, host)
            else:
                say(f"the guest has no {guest}")
