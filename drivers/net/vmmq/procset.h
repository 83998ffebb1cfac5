/* SPDX-License-Identifier: GPL-2.0 */
/* procset.c APIs: the CPUs an adapter may use. */
#ifndef _VMMQ_PROCSET_H
#define _VMMQ_PROCSET_H

#include <linux/cpumask.h>
#include <linux/numa.h>
#include <linux/types.h>

/**
 * struct vmmq_procset - which CPUs, of those online
 * @base: lowest CPU
 * @max: highest CPU
 * @count: how many at most, the lowest ones
 * @node: only CPUs of this NUMA node, NUMA_NO_NODE for any
 * @one_per_core: only the first thread of each core
 */
struct vmmq_procset {
	u32 base;
	u32 max;
	u32 count;
	int node;
	bool one_per_core;
};

void vmmq_procset_init(struct vmmq_procset *set);
void vmmq_procset_cpus(const struct vmmq_procset *set, struct cpumask *cpus);

#endif /* _VMMQ_PROCSET_H */
