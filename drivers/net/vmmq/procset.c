// SPDX-License-Identifier: GPL-2.0
/*
 * Processor sets: from the rules an adapter is given to the CPUs its vectors
 * are on at first, and that its tables may name.
 */
#include <linux/cpumask.h>
#include <linux/nodemask.h>
#include <linux/topology.h>

#include "procset.h"
#include "vmmq.h"

/**
 * vmmq_procset_init() - rules that let every CPU in
 * @set: the rules
 *
 * Context: any.
 */
void vmmq_procset_init(struct vmmq_procset *set)
{
	*set = (struct vmmq_procset) {
		.max = nr_cpu_ids - 1,
		.count = VMMQ_MAX_VECTORS,
		.node = NUMA_NO_NODE,
	};
}

static bool vmmq_procset_has(const struct vmmq_procset *set, unsigned int cpu)
{
	if (cpu < set->base || cpu > set->max)
		return false;
	if (set->node != NUMA_NO_NODE && cpu_to_node(cpu) != set->node)
		return false;
	return !set->one_per_core ||
	       cpumask_first(topology_sibling_cpumask(cpu)) == cpu;
}

/**
 * vmmq_procset_cpus() - the CPUs that rules name
 * @set: the rules
 * @cpus: the CPUs, of those online now
 *
 * Context: process.
 */
void vmmq_procset_cpus(const struct vmmq_procset *set, struct cpumask *cpus)
{
	unsigned int cpu, left = set->count;

	cpumask_clear(cpus);
	for_each_online_cpu(cpu) {
		if (!left || !vmmq_procset_has(set, cpu))
			continue;
		cpumask_set_cpu(cpu, cpus);
		left--;
	}
}
