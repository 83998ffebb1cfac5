# SPDX-License-Identifier: GPL-2.0
"""What the tests of this directory share. One module owns one noun:

ktap      reports, the runner of a program's cases, expectations
command   programs (ip, ethtool, ...) and what they said when they failed
module    loading and unloading vmmq.ko; the kernel log
netns     network namespaces
bed       the usual arrangement: an adapter, each VPort in a namespace of its own
ethtool   a device's settings and counters by ioctl
cpus      processors, interrupts and their affinity
tracing   the module's trace events, in order, none lost
packet    raw sockets
frames    building frames
flow      reference: frame and field sets to hash input, bit by bit
toeplitz  reference: key and input to hash, and the published vectors
steering  reference: hash to queue to CPU, compared with a trace
wait      waiting in terms of work done

flow, toeplitz, steering and frames are the independent side of a comparison: they are
written from the rules, share nothing with the module, and need no kernel to run.
"""
