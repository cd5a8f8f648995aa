//! seccomp: which system calls the process may still make.
//!
//! An allow-list. Anything else fails with `ENOSYS`, not `EPERM`: a C library newer than this list then falls back to
//! an older call, as on an older kernel, and the sensor goes on. Threads can be started, processes cannot.

use std::collections::BTreeMap;

use libc::{
    AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, CLONE_THREAD, ENOSYS, PR_GET_DUMPABLE,
    PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP, PR_SET_NAME, PROT_EXEC, PROT_WRITE, c_int,
    c_long,
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// Allowed with any argument.
const ALLOWED: &[c_long] = &[
    // Files; which ones is Landlock's business.
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_copy_file_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fallocate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fcntl,
    libc::SYS_fdatasync,
    libc::SYS_flock,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_init1,
    libc::SYS_inotify_rm_watch,
    libc::SYS_linkat,
    libc::SYS_lseek,
    libc::SYS_mkdirat,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_pipe2,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_preadv2,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_renameat2,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_umask,
    libc::SYS_unlinkat,
    libc::SYS_utimensat,
    libc::SYS_write,
    libc::SYS_writev,
    // Sockets; which kinds is below.
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_listen,
    libc::SYS_recvfrom,
    libc::SYS_recvmmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
    // Waiting.
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_signalfd4,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_gettime,
    libc::SYS_timerfd_settime,
    // Memory; never writable and executable, see below.
    libc::SYS_brk,
    libc::SYS_get_mempolicy,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mincore,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_mremap,
    libc::SYS_msync,
    libc::SYS_munlock,
    libc::SYS_munmap,
    // Threads and signals of this process.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_get_robust_list,
    libc::SYS_getcpu,
    libc::SYS_getpriority,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_setpriority,
    libc::SYS_sigaltstack,
    libc::SYS_tgkill,
    // Time, chance, and facts about the process and its host.
    libc::SYS_capget,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getgroups,
    libc::SYS_getpgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getresgid,
    libc::SYS_getresuid,
    libc::SYS_getrusage,
    libc::SYS_getsid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_nanosleep,
    libc::SYS_sysinfo,
    libc::SYS_times,
    libc::SYS_uname,
];

/// Older calls that only x86-64 has and its C libraries use, and five that not every architecture's bindings name.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_chmod,
    libc::SYS_creat,
    libc::SYS_dup2,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_fadvise64,
    libc::SYS_getpgrp,
    libc::SYS_getrlimit,
    libc::SYS_inotify_init,
    libc::SYS_link,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_rmdir,
    libc::SYS_select,
    libc::SYS_sendfile,
    libc::SYS_signalfd,
    libc::SYS_stat,
    libc::SYS_sync_file_range,
    libc::SYS_time,
    libc::SYS_unlink,
];
/// The same five on 64-bit ARM, by the numbers of `asm-generic/unistd.h`: `renameat`, `sendfile`, `sync_file_range`,
/// `getrlimit`, `fadvise64`.
#[cfg(target_arch = "aarch64")]
const ALLOWED_HERE: &[c_long] = &[38, 71, 84, 163, 223];
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ALLOWED_HERE: &[c_long] = &[];

/// `PR_SET_VMA` of `linux/prctl.h`: allocators name their memory with it.
const PR_SET_VMA: c_int = 0x5356_4d41;

/// `ioctl_tty(2)`: put a character, or a selection, into a terminal's input. The C libraries do not agree on their type.
const TIOCSTI: c_int = 0x5412;
const TIOCLINUX: c_int = 0x541c;

/// Installs the filter for this process; says what is in force.
pub(super) fn restrict(reopen: bool) -> String {
    let program = match program(reopen) {
        Ok((program, calls)) => (program, calls),
        Err(BackendError::InvalidTargetArch(_)) => {
            return "not supported on this processor".to_owned();
        }
        Err(error) => return format!("failed: {error}"),
    };
    match seccompiler::apply_filter_all_threads(&program.0) {
        Ok(()) => format!("enforced ({} system calls allowed)", program.1),
        Err(seccompiler::Error::Seccomp(error)) if error.raw_os_error() == Some(ENOSYS) => {
            "not supported by this kernel".to_owned()
        }
        Err(error) => format!("failed: {error}"),
    }
}

/// The filter, and how many calls it lets through.
fn program(reopen: bool) -> Result<(BpfProgram, usize), BackendError> {
    let rules = rules(reopen)?;
    let calls = rules.len();
    let refuse = SeccompAction::Errno(ENOSYS.unsigned_abs());
    let architecture = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, refuse, SeccompAction::Allow, architecture)?;
    Ok((filter.try_into()?, calls))
}

/// For each call the conditions under which it is allowed, any of them; none: always.
fn rules(reopen: bool) -> Result<BTreeMap<c_long, Vec<SeccompRule>>, BackendError> {
    let mut rules: BTreeMap<c_long, Vec<SeccompRule>> =
        ALLOWED.iter().chain(ALLOWED_HERE).map(|call| (*call, Vec::new())).collect();
    let unset = |argument, bits| masked(argument, bits, 0);
    // Threads, not processes; clone3 keeps its flags in memory, so it is refused and libraries fall back to clone.
    rules.insert(libc::SYS_clone, vec![all([masked(0, CLONE_THREAD, CLONE_THREAD)?])?]);
    // Memory is never both writable and executable, nor becomes executable; libraries can still be loaded.
    let plain = vec![all([unset(2, PROT_WRITE)?])?, all([unset(2, PROT_EXEC)?])?];
    rules.insert(libc::SYS_mmap, plain);
    rules.insert(libc::SYS_mprotect, vec![all([unset(2, PROT_EXEC)?])?]);
    // Reading limits, of this process, not setting them.
    rules.insert(libc::SYS_prlimit64, vec![all([null(2)?])?]);
    // Not: typing into the terminal it was started from.
    let differs = |request| compare(1, SeccompCmpOp::Ne, request);
    let harmless = [differs(TIOCSTI)?, differs(TIOCLINUX)?];
    rules.insert(libc::SYS_ioctl, vec![all(harmless)?]);
    let mut families = vec![AF_UNIX, AF_INET, AF_INET6, AF_NETLINK];
    families.extend(reopen.then_some(AF_PACKET));
    rules.insert(libc::SYS_socket, any_of(0, &families)?);
    rules.insert(libc::SYS_socketpair, any_of(0, &[AF_UNIX])?);
    let prctl = [
        PR_GET_DUMPABLE,
        PR_GET_NAME,
        PR_GET_NO_NEW_PRIVS,
        PR_GET_SECCOMP,
        PR_SET_NAME,
        PR_SET_VMA,
    ];
    rules.insert(libc::SYS_prctl, any_of(0, &prctl)?);
    if reopen {
        // It can only raise what is still permitted.
        rules.insert(libc::SYS_capset, Vec::new());
    }
    Ok(rules)
}

fn all<const N: usize>(conditions: [SeccompCondition; N]) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions.into())
}

/// One rule for each value that `argument` may have.
fn any_of(argument: u8, values: &[c_int]) -> Result<Vec<SeccompRule>, BackendError> {
    values.iter().map(|value| all([compare(argument, SeccompCmpOp::Eq, *value)?])).collect()
}

fn masked(argument: u8, bits: c_int, set: c_int) -> Result<SeccompCondition, BackendError> {
    compare(argument, SeccompCmpOp::MaskedEq(u64::from(bits.cast_unsigned())), set)
}

fn null(argument: u8) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)
}

fn compare(
    argument: u8,
    operator: SeccompCmpOp,
    value: c_int,
) -> Result<SeccompCondition, BackendError> {
    let value = u64::from(value.cast_unsigned());
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_never_needed_is_not_on_the_list() {
        let never = [
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_pivot_root,
            libc::SYS_chroot,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_clone3,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_io_uring_setup,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_kexec_load,
            libc::SYS_setuid,
            libc::SYS_setresuid,
            libc::SYS_setgroups,
            libc::SYS_capset,
            libc::SYS_kill,
            libc::SYS_memfd_create,
            libc::SYS_reboot,
        ];
        let rules = rules(false).unwrap();
        let allowed: Vec<_> = never.iter().filter(|call| rules.contains_key(call)).collect();
        assert!(allowed.is_empty(), "{allowed:?}");
    }

    #[test]
    fn the_filter_fits_the_kernel() {
        // BPF_MAXINSNS
        for reopen in [false, true] {
            assert!(program(reopen).unwrap().0.len() <= 4096);
        }
    }

    #[test]
    fn no_call_is_listed_twice() {
        let mut all: Vec<_> = ALLOWED.iter().chain(ALLOWED_HERE).collect();
        let listed = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), listed);
    }
}
