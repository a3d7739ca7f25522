"""What a program may ask of the kernel: a seccomp filter, written here as the BPF program that it is.

An allow-list: what an interpreter needs for computing, threads and its own files. What is not on it fails with EPERM,
which Python raises as PermissionError; what only an attack wants kills the process with SIGSYS. The server puts it on
itself once, and every process that it forks inherits it, with a second, short one that takes away what the server alone
needs: new processes, and signals to others.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from harness_sandbox.inside.calls import AARCH64, X86_64

#: What an interpreter needs to compute, wait and read.
ALLOWED = """
    read write readv writev pread64 pwrite64 close close_range fstat newfstatat stat lstat statx lseek mmap mprotect
    munmap brk mremap madvise mincore poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait
    eventfd2 timerfd_create timerfd_settime timerfd_gettime pipe pipe2 dup dup2 dup3 futex set_robust_list
    get_robust_list rseq membarrier sched_yield sched_getaffinity getcpu rt_sigaction rt_sigprocmask rt_sigreturn
    rt_sigsuspend rt_sigpending rt_sigtimedwait sigaltstack restart_syscall pause alarm setitimer getitimer
    timer_settime timer_gettime timer_getoverrun timer_delete clock_gettime clock_getres clock_nanosleep nanosleep
    gettimeofday time times getrusage sysinfo uname getpid getppid gettid getuid geteuid getgid getegid getpgid
    getpgrp getsid getgroups getresuid getresgid wait4 waitid exit exit_group getrandom getcwd chdir fchdir getdents64
    getdents readlink readlinkat access faccessat faccessat2 statfs fstatfs getrlimit umask sendto recvfrom shutdown
    getsockname getpeername getsockopt setsockopt sync_file_range fadvise64 fsync fdatasync flock kill tgkill seccomp
    setrlimit setsid sendmsg recvmsg
"""
#: What changes files; only where the file system holds nothing but what is the program's own.
WRITING = """
    ftruncate truncate fallocate mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink
    symlinkat creat chmod fchmod fchmodat utime utimes utimensat futimesat sendfile copy_file_range
"""
#: What nobody does who means well: the process is killed on the spot, which cannot be caught.
DEADLY = """
    ptrace mount umount2 pivot_root chroot unshare setns bpf perf_event_open keyctl add_key request_key kexec_load
    kexec_file_load init_module finit_module delete_module userfaultfd process_vm_readv process_vm_writev
    io_uring_setup io_uring_enter io_uring_register open_by_handle_at name_to_handle_at move_mount open_tree fsopen
    fsmount fsconfig fspick mount_setattr reboot swapon swapoff acct iopl ioperm pidfd_getfd pidfd_open
    pidfd_send_signal process_madvise kcmp setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid
    setfsgid capset clock_settime settimeofday clock_adjtime adjtimex quotactl syslog vhangup modify_ldt fanotify_init
    memfd_secret
"""

#: AUDIT_ARCH_* of linux/audit.h, with the numbers of the calls.
ARCHITECTURES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, AARCH64)}

# linux/seccomp.h, linux/filter.h
SET_MODE_FILTER = 1
KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
LOAD, JUMP, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x54, 0x06
EPERM, EACCES, ENOSYS = 1, 13, 38
#: Offsets in `struct seccomp_data`; the low half of an argument comes first on a little-endian machine.
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
X32 = 0x40000000

CLONE_THREAD = 0x10000
#: CLONE_NEW* of linux/sched.h, together.
NEW_SPACES = 0x7E020080
SET_PDEATHSIG = 1
#: Stands in a filter for the process that it will be put on.
ITSELF = 0x7FEDCBA9
#: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX of asm-generic/ioctls.h.
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
#: F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY: they send signals, to others if so told.
SIGNALLING = (8, 10, 15, 1024, 1026)
#: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC.
FOR_WRITING = 0x1 | 0x2 | 0x40 | 0x200
AF_UNIX, SOCK_STREAM, TYPE_BITS = 1, 1, 0xFF

Line = tuple[int, int, int, int]


def server_rules(machine: str, *, writes: bool) -> list[Line] | None:
    """Return the filter of a fork server and of all that it forks; None on a machine whose calls are not known here.

    Args:
        machine: as `os.uname().machine` tells it.
        writes: whether files may be written.
    """
    if machine not in ARCHITECTURES:
        return None
    calls = ARCHITECTURES[machine][1]
    lines = _beginning(machine)
    for number in numbers(calls, ALLOWED + (WRITING if writes else "")):
        lines += [(EQUAL, 0, 1, number), returned(ALLOW)]
    for name, tests in _conditions(writes=writes).items():
        if name in calls:
            lines += [(EQUAL, 0, len(tests), calls[name]), *tests]
    for number in numbers(calls, DEADLY):
        lines += [(EQUAL, 0, 1, number), returned(KILL)]
    return [*lines, returned(ERRNO | EPERM)]


def child_rules(machine: str, *, passes: bool) -> list[Line] | None:
    """Return the further filter of a forked process: threads but no processes, signals to itself alone.

    Args:
        machine: as `os.uname().machine` tells it.
        passes: whether it may be passed descriptors.
    """
    if machine not in ARCHITECTURES:
        return None
    calls = ARCHITECTURES[machine][1]
    lines = _beginning(machine)
    signal = only(bits=0xFFFFFFFF, wanted=ITSELF, place=0, otherwise=EPERM)
    thread = [argument(0), (ANY_BIT, 0, 1, CLONE_THREAD), returned(ALLOW), returned(ERRNO | EPERM)]
    denied = {} if passes else {name: [returned(ERRNO | EPERM)] for name in ("sendmsg", "recvmsg")}
    for name, tests in {"clone": thread, "kill": signal, "tgkill": signal, **denied}.items():
        lines += [(EQUAL, 0, len(tests), calls[name]), *tests]
    return [*lines, returned(ALLOW)]


def _beginning(machine: str) -> list[Line]:
    """Return the lines that load the number of the call, once it is known to be one of this architecture."""
    audit = ARCHITECTURES[machine][0]
    lines: list[Line] = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, audit), returned(KILL), (LOAD, 0, 0, NUMBER)]
    return [*lines, (AT_LEAST, 0, 1, X32), returned(KILL)] if machine == "x86_64" else lines


def _conditions(*, writes: bool) -> dict[str, list[Line]]:
    """Return for each call that depends on its arguments the lines that decide; each list ends in a return."""
    return {
        "clone": only(bits=NEW_SPACES, wanted=0, place=0, otherwise=EPERM),
        "clone3": [returned(ERRNO | ENOSYS)],  # glibc then takes `clone`, whose flags can be looked at
        "prlimit64": only(bits=0xFFFFFFFF, wanted=0, place=0, otherwise=EPERM),
        "prctl": only(bits=0xFFFFFFFF, wanted=SET_PDEATHSIG, place=0, otherwise=EPERM),
        "ioctl": [argument(1), *among(IOCTLS), returned(ERRNO | EPERM)],
        "fcntl": [argument(1), *among(SIGNALLING, ERRNO | EPERM), returned(ALLOW)],
        "openat": [returned(ALLOW)] if writes else only(bits=FOR_WRITING, wanted=0, place=2, otherwise=EACCES),
        "open": [returned(ALLOW)] if writes else only(bits=FOR_WRITING, wanted=0, place=1, otherwise=EACCES),
        "openat2": [returned(ERRNO | ENOSYS)],
        # A pair that is connected to itself, which asyncio wakes its loop with; it can be sent nowhere else.
        "socketpair": [
            argument(0),
            (EQUAL, 1, 0, AF_UNIX),
            returned(ERRNO | EPERM),
            *only(bits=TYPE_BITS, wanted=SOCK_STREAM, place=1, otherwise=EPERM),
        ],
    }


def numbers(calls: dict[str, int], names: str) -> list[int]:
    """Return the numbers of the calls that the machine has, in the order of the names."""
    return [calls[name] for name in names.split() if name in calls]


def argument(place: int) -> Line:
    """Return the line that loads the low half of an argument."""
    return (LOAD, 0, 0, ARGUMENTS + 8 * place)


def returned(action: int) -> Line:
    """Return the line that ends in an action."""
    return (RETURN, 0, 0, action)


def only(*, bits: int, wanted: int, place: int, otherwise: int) -> list[Line]:
    """Return the lines that allow a call if bits of an argument have a value."""
    return [
        argument(place),
        (AND, 0, 0, bits),
        (EQUAL, 0, 1, wanted),
        returned(ALLOW),
        returned(ERRNO | otherwise),
    ]


def among(values: Iterable[int], action: int = ALLOW) -> list[Line]:
    """Return the lines that take an action if the loaded argument is one of several values."""
    return [line for value in values for line in ((EQUAL, 0, 1, value), returned(action))]


class Filter(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_void_p))


class Prepared:
    """A filter as the kernel takes it, made beforehand so that a forked process has little left to do."""

    def __init__(self, lines: list[Line], libc: ctypes.CDLL) -> None:
        """Lay it out in memory."""
        text = b"".join(struct.pack("HBBI", *line) for line in lines)
        mark = struct.pack("I", ITSELF)
        self.places = [at + 4 for at in range(0, len(text), 8) if text[at + 4 : at + 8] == mark]
        self.space = ctypes.create_string_buffer(text, len(text))
        self.program = Filter(len(lines), ctypes.addressof(self.space))
        self.call, self.number = libc.syscall, ARCHITECTURES[os.uname().machine][1]["seccomp"]
        self.reference = ctypes.byref(self.program)

    def install(self) -> bool:
        """Put it on this process for good; whether the kernel took it. Needs `no_new_privs`."""
        me = os.getpid()
        for place in self.places:
            struct.pack_into("I", self.space, place, me)
        return bool(self.call(self.number, SET_MODE_FILTER, 0, self.reference) == 0)


def prepared(lines: list[Line] | None, libc: ctypes.CDLL) -> Prepared | None:
    """Return a filter ready to be put on, where there is one."""
    return None if lines is None else Prepared(lines, libc)
