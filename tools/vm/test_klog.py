# SPDX-License-Identifier: GPL-2.0
"""The checker of kernel logs against samples: what it must find and what it must not."""

import unittest

import klog

# One log line each that must be found. The texts are those of the kernel's own messages.
BAD = """\
------------[ cut here ]------------
WARNING: CPU: 2 PID: 157 at net/core/dev.c:11 dev_close+0x20/0x100 [x]
WARNING: possible circular locking dependency detected
WARNING: possible recursive locking detected
WARNING: possible irq lock inversion dependency detected
WARNING: inconsistent lock state
WARNING: suspicious RCU usage
WARNING: bad unlock balance detected!
WARNING: held lock freed!
INFO: possible circular locking dependency detected ]
INFO: trying to register non-static key.
BUG: kernel NULL pointer dereference, address: 0000000000000008
BUG: unable to handle page fault for address: ffffc90000000000
BUG: scheduling while atomic: insmod/158/0x00000002
BUG: sleeping function called from invalid context at mm/slab.h:1
BUG: using smp_processor_id() in preemptible [00000000] code: ip/1
BUG: spinlock bad magic on CPU#0, ip/1
BUG: MAX_LOCKDEP_CHAINS too low!
BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!
BUG: Bad page state in process ip  pfn:12345
BUG: KASAN: slab-use-after-free in vmmq_xmit+0x1/0x2
BUG: KCSAN: data-race in a / b
BUG: KFENCE: use-after-free read in vmmq_xmit+0x1/0x2
BUG kmalloc-64 (Tainted: G           OE     ): Object padding overwritten
watchdog: BUG: soft lockup - CPU#2 stuck for 134s! [insmod:157]
watchdog: Watchdog detected hard LOCKUP on cpu 1
NMI watchdog: Watchdog detected hard LOCKUP on cpu 1
kernel BUG at drivers/net/x.c:12!
Oops: 0002 [#1] PREEMPT SMP NOPTI
Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1]
general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1]
invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
divide error: 0000 [#1] PREEMPT SMP NOPTI
Kernel panic - not syncing: Fatal exception in interrupt
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 2-... } 1 jiffies
rcu: rcu_preempt kthread starved for 100 jiffies! g1 f0x0 RCU_GP_WAIT_FQS(5)
rcu: rcu_preempt kthread timer wakeup didn't happen for 100 jiffies!
INFO: rcu_tasks detected stalls on tasks:
INFO: task ip:123 blocked for more than 240 seconds.
refcount_t: underflow; use-after-free.
unregister_netdevice: waiting for vmmq0 to become free. Usage count = 2
NETDEV WATCHDOG: vmmq0 (vmmq): transmit queue 0 timed out
vmmq vmmq0 vm0: NETDEV WATCHDOG: CPU: 1: transmit queue 0 timed out 5000 ms
UBSAN: array-index-out-of-bounds in drivers/net/x.c:1:2
ODEBUG: free active (active state 0) object type: timer_list
list_del corruption. prev->next should be ffff, but was dead
list_add corruption. next->prev should be prev
kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
unreferenced object 0xffff888100000000 (size 64):
sysfs: cannot create duplicate filename '/class/net/x'
proc_dir_entry 'net/x' already registered
irq 24: nobody cared (try booting with the "irqpoll" option)
NOHZ tick-stop error: local softirq work is pending, handler #08!!!
ip: page allocation failure: order:5, mode:0x40dc0(GFP_KERNEL)
page_pool_release_retry() stalled pool shutdown: id 1, 3 inflight 60 sec
kmem_cache_destroy x: Slab cache still has objects when called from y
DEBUG_LOCKS_WARN_ON(lock->magic != lock)
""".splitlines()

# Lines that speak of such things and are none.
GOOD = """\
[Firmware Bug]: TSC doesn't count with P0 frequency!
rcu: 	Max phase no-delay instances is 400.
rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.
kmemleak: Kernel memory leak detector initialized (mem pool available: 15705)
kmemleak: Automatic memory scanning thread started
x86/mm: Checked W+X mappings: passed, no W+X pages found.
scratch: WARNING: this only speaks of a BUG: none
scratch: loading out-of-tree module taints kernel.
scratch: module verification failed: signature and/or required key missing - tainting kernel
clocksource: timekeeping watchdog on CPU0: Marking clocksource 'tsc' as unstable
perf: interrupt took too long (2501 > 2500), lowering kernel.perf_event_max_sample_rate to 79750
workqueue: vmmq_work hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND
hrtimer: interrupt took 12345678 ns
Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar
NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.
EXT4-fs (vda): warning: mounting unchecked fs, running e2fsck is recommended
vmmq-test: begin oops_and_warning.py
---[ end trace 0000000000000000 ]---
Modules linked in: x(OE+) virtio_rng
UBSAN is not a message without its colon
NOHZ tick-stop error: local softirq work is pending, handler #40!!!
""".splitlines()


def stamped(message):
    return f"[   12.345678] {message}\r\n"


class Lines(unittest.TestCase):
    def test_every_bad_line_is_found(self):
        for message in BAD:
            with self.subTest(message):
                self.assertEqual(len(list(klog.find_reports([stamped(message)]))), 1)

    def test_no_good_line_is_found(self):
        for message in GOOD:
            with self.subTest(message):
                self.assertEqual(list(klog.find_reports([stamped(message)])), [])

    def test_caller_and_level_before_the_message(self):
        for stamp in ("[    1.000000][  T123] ", "[    1.000000][    C3] ", "<4>[    1.000000] "):
            with self.subTest(stamp):
                self.assertEqual(len(list(klog.find_reports([stamp + "WARNING: x"]))), 1)

    def test_line_without_a_stamp_is_no_message(self):
        self.assertEqual(list(klog.find_reports(["WARNING: said by the firmware"])), [])

    def test_message_after_the_rest_of_a_line(self):
        """A console line that lost its end runs into the next message."""
        line = "SeaBIOS (version 1.16)" + stamped("Kernel panic - not syncing: x")
        self.assertEqual(len(list(klog.find_reports([line]))), 1)

    def test_allowed_lines_carry_a_reason(self):
        for pattern, reason in klog.ALLOWED:
            self.assertTrue(reason, pattern)

    def test_a_long_line_takes_no_long_time(self):
        line = stamped("word " * 20000)
        self.assertEqual(list(klog.find_reports([line])), [])


class Reports(unittest.TestCase):
    LOG = [stamped(message) for message in (
        "vmmq-test: begin first.py", "harmless",
        "------------[ cut here ]------------",
        "WARNING: CPU: 2 PID: 157 at net/core/dev.c:11 dev_close+0x20/0x100 [x]",
        "Call Trace:", " <TASK>", " dev_close+0x1/0x2", " </TASK>",
        "---[ end trace 0000000000000000 ]---", "harmless too",
        "vmmq-test: begin second.py",
        "unregister_netdevice: waiting for vm0 to become free. Usage count = 2",
        "vmmq-test: begin third.py",
        "refcount_t: underflow; use-after-free.")]

    def test_a_trace_is_one_report_of_the_test_that_ran(self):
        found = list(klog.find_reports(self.LOG))
        self.assertEqual([test for test, _ in found], ["first.py", "second.py", "third.py"])
        self.assertIn("dev_close+0x1/0x2", "\n".join(found[0][1]))
        self.assertNotIn("harmless too", "\n".join(found[0][1]))

    def test_a_log_of_lines_is_read_to_its_end(self):
        log = [stamped("harmless")] * 5000 + [stamped("BUG: at the very end")]
        self.assertEqual(len(list(klog.find_reports(log))), 1)
