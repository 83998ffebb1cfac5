// SPDX-License-Identifier: GPL-2.0
/*
 * Placing CPUs on queues.
 *
 * A parameter of an unpublished snapshot (a table entry, the default or the
 * primary queue) may be tracked for a CPU. If it is active, that is, if it
 * steers in the snapshot's state, it has to become a queue: the one it has, if
 * that is on the CPU; else the lowest queue on the CPU; else a queue that no
 * active parameter uses, bound to the CPU's vector. If every queue is used but
 * two of them are on one CPU, these become one. So the queues suffice exactly
 * if there are at least as many as different CPUs. Queues that ntuple rules lead to,
 * by their number, by a context, or by what they add to a parameter's queue, count
 * as used and are left where they are.
 *
 * Inactive parameters stay tracked, unchecked.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "ethtool_rss.h"
#include "place.h"
#include "queue.h"
#include "rss.h"
#include "rules.h"
#include "vector.h"
#include "vport.h"

/* A snapshot on its way */
struct vmmq_placing {
	const struct vmmq_vport *vport;
	struct vmmq_rss *rss;
	struct vmmq_place *place;
	DECLARE_BITMAP(used, VMMQ_MAX_QUEUES);
	DECLARE_BITMAP(kept, VMMQ_MAX_QUEUES);	/* of @used, by rules */
};

/**
 * vmmq_place_cpu() - the CPU a queue will be on
 * @vport: the VPort
 * @place: bindings to come, may be NULL
 * @queue: the queue's number
 *
 * Context: process, RTNL.
 * Return: a CPU.
 */
unsigned int vmmq_place_cpu(const struct vmmq_vport *vport,
			    const struct vmmq_place *place, u16 queue)
{
	if (place && place->vectors[queue])
		return READ_ONCE(place->vectors[queue]->cpu);
	return vmmq_queue_cpu(vport->queues[queue]);
}

/* Parameters by number: the entries, then default, then primary. */
static unsigned int vmmq_param_count(const struct vmmq_rss *rss)
{
	return vmmq_rss_entries(rss) + 2;
}

static bool vmmq_param_active(const struct vmmq_rss *rss, unsigned int i)
{
	return rss->enabled == (i <= vmmq_rss_entries(rss));
}

static u16 *vmmq_param_queue(struct vmmq_rss *rss, unsigned int i)
{
	if (i < vmmq_rss_entries(rss))
		return &rss->table[i];
	return i == vmmq_rss_entries(rss) ? &rss->default_queue :
					    &rss->primary_queue;
}

static u16 *vmmq_param_cpu(struct vmmq_rss *rss, unsigned int i)
{
	if (i < vmmq_rss_entries(rss))
		return &vmmq_rss_tracked(rss)[i];
	return i == vmmq_rss_entries(rss) ? &rss->default_cpu :
					    &rss->primary_cpu;
}

/* Whether a parameter is to be tracked by its CPU. One that steers and loses its
 * queue goes to queue 0 if its vector had left the processor set: nobody has
 * asked for that CPU.
 */
static bool vmmq_param_loses(const struct vmmq_vport *vport,
			     struct vmmq_rss *rss, unsigned int i)
{
	u16 queue = *vmmq_param_queue(rss, i);

	if (!vmmq_param_active(rss, i))
		return true;
	return queue >= rss->queues &&
	       cpumask_test_cpu(vmmq_place_cpu(vport, NULL, queue),
				vport->adapter->cpus);
}

/**
 * vmmq_place_track() - track by CPU what does not steer or has lost its queue
 * @vport: the VPort
 * @rss: an unpublished snapshot, its state and its number of queues set
 *
 * Context: process, RTNL.
 */
void vmmq_place_track(const struct vmmq_vport *vport, struct vmmq_rss *rss)
{
	unsigned int i;
	u16 *cpu, queue;

	for (i = 0; i < vmmq_param_count(rss); i++) {
		cpu = vmmq_param_cpu(rss, i);
		queue = *vmmq_param_queue(rss, i);
		if (*cpu == VMMQ_RSS_NO_CPU && vmmq_param_loses(vport, rss, i))
			*cpu = vmmq_place_cpu(vport, NULL, queue);
		if (queue >= rss->queues)
			*vmmq_param_queue(rss, i) = 0;
	}
}

static void vmmq_placing_use(struct vmmq_placing *p, unsigned int i, u16 queue)
{
	*vmmq_param_queue(p->rss, i) = queue;
	*vmmq_param_cpu(p->rss, i) = VMMQ_RSS_NO_CPU;
}

static bool vmmq_placing_on(const struct vmmq_placing *p, u16 queue, u16 cpu)
{
	return vmmq_place_cpu(p->vport, p->place, queue) == cpu;
}

/* What has a queue on its CPU already */
static void vmmq_placing_keep(struct vmmq_placing *p)
{
	unsigned int i;
	u16 cpu, queue;

	for (i = 0; i < vmmq_param_count(p->rss); i++) {
		cpu = *vmmq_param_cpu(p->rss, i);
		queue = *vmmq_param_queue(p->rss, i);
		if (vmmq_param_active(p->rss, i) &&
		    (cpu == VMMQ_RSS_NO_CPU || vmmq_placing_on(p, queue, cpu)))
			vmmq_placing_use(p, i, queue);
	}
}

static bool vmmq_placing_has_queue(const struct vmmq_placing *p,
				   unsigned int i)
{
	return vmmq_param_active(p->rss, i) &&
	       *vmmq_param_cpu(p->rss, i) == VMMQ_RSS_NO_CPU;
}

/* Which queues are used by now */
static void vmmq_placing_mark(struct vmmq_placing *p)
{
	unsigned int i;

	bitmap_zero(p->used, VMMQ_MAX_QUEUES);
	bitmap_zero(p->kept, VMMQ_MAX_QUEUES);
	for (i = 0; i < vmmq_param_count(p->rss); i++)
		if (vmmq_placing_has_queue(p, i))
			__set_bit(*vmmq_param_queue(p->rss, i), p->used);
	vmmq_rules_mark_queues(p->rss, p->used, p->kept);
	bitmap_or(p->used, p->used, p->kept, VMMQ_MAX_QUEUES);
}

static int vmmq_placing_find(const struct vmmq_placing *p, u16 cpu)
{
	unsigned int queue;

	for (queue = 0; queue < p->rss->queues; queue++)
		if (vmmq_placing_on(p, queue, cpu))
			return queue;
	return -ENOENT;
}

/* Two queues in use on one CPU: the higher one gives its parameters away. */
static int vmmq_placing_merge(struct vmmq_placing *p)
{
	unsigned int i, high;
	int low;

	for_each_set_bit(high, p->used, p->rss->queues) {
		low = vmmq_placing_find(p, vmmq_place_cpu(p->vport, p->place,
							  high));
		if (low == high || test_bit(high, p->kept))
			continue;
		for (i = 0; i < vmmq_param_count(p->rss); i++)
			if (vmmq_placing_has_queue(p, i) &&
			    *vmmq_param_queue(p->rss, i) == high)
				vmmq_placing_use(p, i, low);
		return high;
	}
	return -ENOSPC;
}

static struct vmmq_vector *vmmq_placing_vector(const struct vmmq_placing *p,
					       u16 cpu)
{
	struct vmmq_adapter *adapter = p->vport->adapter;
	unsigned int i;

	for (i = 0; i < adapter->num_vectors; i++)
		if (READ_ONCE(adapter->vectors[i].cpu) == cpu)
			return &adapter->vectors[i];
	return NULL;
}

static int vmmq_placing_no_vector(const struct vmmq_placing *p, u16 cpu,
				  struct netlink_ext_ack *extack)
{
	struct vmmq_adapter *adapter = p->vport->adapter;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		vmmq_refuse(p->vport->dev, extack, "CPU %u is not online", cpu);
	else if (!cpumask_test_cpu(cpu, adapter->cpus))
		vmmq_refuse(p->vport->dev, extack,
			    "CPU %u is not in the processor set of %s; see adapter-set",
			    cpu, vmmq_adapter_name(adapter));
	else
		vmmq_refuse(p->vport->dev, extack,
			    "CPU %u has no vector; echo %u >/proc/irq/%u/smp_affinity_list",
			    cpu, cpu,
			    adapter->vectors[adapter->num_vectors - 1].irq);
	return -ERANGE;
}

/* A vector may have been moved out of the processor set (/proc, a CPU that went
 * offline): a parameter that asks for the CPU may not.
 */
static int vmmq_placing_check(const struct vmmq_placing *p,
			      struct netlink_ext_ack *extack)
{
	const struct cpumask *cpus = p->vport->adapter->cpus;
	unsigned int i;
	u16 cpu;

	for (i = 0; i < vmmq_param_count(p->rss); i++) {
		cpu = *vmmq_param_cpu(p->rss, i);
		if (vmmq_param_active(p->rss, i) && cpu != VMMQ_RSS_NO_CPU &&
		    (cpu >= nr_cpu_ids || !cpumask_test_cpu(cpu, cpus)))
			return vmmq_placing_no_vector(p, cpu, extack);
	}
	return 0;
}

/* A queue for a CPU that has none */
static int vmmq_placing_take(struct vmmq_placing *p, u16 cpu,
			     struct netlink_ext_ack *extack)
{
	struct vmmq_vector *vector = vmmq_placing_vector(p, cpu);
	int queue;

	if (!vector)
		return vmmq_placing_no_vector(p, cpu, extack);
	vmmq_placing_mark(p);
	queue = find_first_zero_bit(p->used, p->rss->queues);
	if (queue == p->rss->queues)
		queue = vmmq_placing_merge(p);
	if (queue < 0) {
		vmmq_refuse(p->vport->dev, extack,
			    "no queue left for CPU %u; raise the %u queue pairs (ethtool -L)",
			    cpu, p->rss->queues);
		return -ENOSPC;
	}
	p->place->vectors[queue] = vector;
	return queue;
}

static int vmmq_placing_find_all(struct vmmq_placing *p)
{
	unsigned int i, left = 0;
	int queue;
	u16 cpu;

	for (i = 0; i < vmmq_param_count(p->rss); i++) {
		cpu = *vmmq_param_cpu(p->rss, i);
		if (!vmmq_param_active(p->rss, i) || cpu == VMMQ_RSS_NO_CPU)
			continue;
		queue = vmmq_placing_find(p, cpu);
		if (queue >= 0)
			vmmq_placing_use(p, i, queue);
		else
			left++;
	}
	return left;
}

/* The next parameter without a queue; those on the same CPU follow it. */
static int vmmq_placing_take_next(struct vmmq_placing *p,
				  struct netlink_ext_ack *extack)
{
	unsigned int i;
	int queue;
	u16 cpu;

	for (i = 0; i < vmmq_param_count(p->rss); i++) {
		cpu = *vmmq_param_cpu(p->rss, i);
		if (!vmmq_param_active(p->rss, i) || cpu == VMMQ_RSS_NO_CPU)
			continue;
		queue = vmmq_placing_take(p, cpu, extack);
		if (queue < 0)
			return queue;
		vmmq_placing_use(p, i, queue);
		return 0;
	}
	return 0;
}

/**
 * vmmq_place_resolve() - give every active parameter a queue
 * @vport: the VPort; queues up to those of @rss exist
 * @rss: an unpublished snapshot
 * @place: zeroed; the bindings that are needed
 * @extack: says why not
 *
 * Context: process, RTNL.
 * Return: 0; -ERANGE if a CPU has no vector or is not in the processor set;
 * -ENOSPC if there are more CPUs than queues.
 */
int vmmq_place_resolve(const struct vmmq_vport *vport, struct vmmq_rss *rss,
		       struct vmmq_place *place, struct netlink_ext_ack *extack)
{
	struct vmmq_placing p = {
		.vport = vport,
		.rss = rss,
		.place = place,
	};
	int err;

	ASSERT_RTNL();
	err = vmmq_placing_check(&p, extack);
	if (err)
		return err;
	vmmq_placing_keep(&p);
	while (vmmq_placing_find_all(&p)) {
		err = vmmq_placing_take_next(&p, extack);
		if (err)
			return err;
	}
	return 0;
}

/**
 * vmmq_place_bind() - carry out the bindings
 * @vport: the VPort
 * @place: from vmmq_place_resolve()
 *
 * Context: process, RTNL. Cannot fail.
 */
void vmmq_place_bind(struct vmmq_vport *vport, const struct vmmq_place *place)
{
	unsigned int queue;

	for (queue = 0; queue < vport->max_queues; queue++)
		if (place->vectors[queue])
			vmmq_queue_bind(vport->queues[queue],
					place->vectors[queue]);
}
