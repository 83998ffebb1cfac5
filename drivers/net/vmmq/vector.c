// SPDX-License-Identifier: GPL-2.0
/*
 * Vectors: from "this queue has work" to "its NAPI is scheduled on the
 * vector's CPU".
 *
 * A vector is shared by the queues bound to it. A queue that needs service
 * puts itself on the vector's pending list and the vector's csd is sent to the
 * vector's CPU, where it runs the IRQ's handler, which schedules the NAPI of
 * every queue on the list. Only the caller that sets VMMQ_VECTOR_SENT sends;
 * the csd clears it before it looks at the list, so a queue added later is
 * sent for again. VMMQ_QUEUE_RAISED says that the queue is on a list; the
 * handler clears it before it schedules the NAPI, so work that arrives later
 * raises again.
 *
 * Waking up. An IPI costs as much as dozens of packets, so a vector is raised
 * only when the NAPI sleeps. The NAPI goes to sleep by writing ARMED to
 * q->state and then looks for work once more; a sender publishes its work and
 * then reads q->state. The full barriers K1 (sender) and K2 (NAPI) pair, so at
 * least one of them sees the other. Whoever changes ARMED (or DELAYED) to BUSY
 * by cmpxchg raises; there is exactly one such party.
 */
#include <linux/cpu.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "adapter.h"
#include "irqchip.h"
#include "queue.h"
#include "trace.h"
#include "vector.h"
#include "vport.h"

/**
 * vmmq_vector_send() - deliver an interrupt to the vector's CPU
 * @vector: the vector
 *
 * Context: any. If the CPU has just gone offline and its interrupts are still
 * to be moved, any online CPU takes this one. The csd may look busy for a
 * moment although its last run has cleared VMMQ_VECTOR_SENT.
 */
void vmmq_vector_send(struct vmmq_vector *vector)
{
	unsigned int cpu = READ_ONCE(vector->cpu);
	int err;

	if (test_and_set_bit(VMMQ_VECTOR_SENT, &vector->flags))
		return;
	while ((err = smp_call_function_single_async(cpu, &vector->csd))) {
		if (err == -ENXIO)
			cpu = cpumask_any(cpu_online_mask);
		else
			cpu_relax();
	}
}

static void vmmq_vector_retrigger(struct irq_work *work)
{
	vmmq_vector_send(container_of(work, struct vmmq_vector, retrigger));
}

/* On the vector's CPU, interrupts off, in hard IRQ context or not. */
static void vmmq_vector_arrive(void *data)
{
	struct vmmq_vector *vector = data;

	clear_bit_unlock(VMMQ_VECTOR_SENT, &vector->flags);
	/* Clear before the handler reads the list: a queue that found the bit
	 * set is on the list by now. Pairs with test_and_set_bit().
	 */
	smp_mb__after_atomic();
	generic_handle_irq(vector->irq);
}

static irqreturn_t vmmq_vector_interrupt(int irq, void *data)
{
	struct vmmq_vector *vector = data;
	struct vmmq_queue *q, *next;
	struct llist_node *list;

	trace_vmmq_interrupt(vector);
	list = llist_del_all(&vector->pending);
	llist_for_each_entry_safe(q, next, list, raise_node) {
		WRITE_ONCE(q->interrupts, q->interrupts + 1);
		/* The node is read by now and may be added anew. */
		clear_bit_unlock(VMMQ_QUEUE_RAISED, &q->flags);
		/* Work published before a raise that found the bit set is
		 * seen by the poll. Pairs with test_and_set_bit().
		 */
		smp_mb__after_atomic();
		napi_schedule_irqoff(&q->napi);
	}
	return IRQ_HANDLED;
}

/**
 * vmmq_queue_raise() - have the queue's NAPI scheduled on its vector's CPU
 * @q: the queue
 *
 * Context: any with BH disabled, so that a softirq raised on this CPU runs.
 */
void vmmq_queue_raise(struct vmmq_queue *q)
{
	struct vmmq_vector *vector = READ_ONCE(q->vector);

	if (test_and_set_bit(VMMQ_QUEUE_RAISED, &q->flags))
		return;
	llist_add(&q->raise_node, &vector->pending);
	vmmq_vector_send(vector);
}

static void vmmq_queue_wake_moderated(struct vmmq_queue *q, int state)
{
	u32 usecs = READ_ONCE(q->moderation.usecs);
	u32 frames = READ_ONCE(q->moderation.frames);

	if (!usecs ||
	    (frames && vmmq_ring_used(READ_ONCE(q->ring.produce)) >= frames)) {
		if (cmpxchg(&q->state, state, VMMQ_QUEUE_BUSY) == state)
			vmmq_queue_raise(q);
		return;
	}
	if (state == VMMQ_QUEUE_ARMED &&
	    cmpxchg(&q->state, state, VMMQ_QUEUE_DELAYED) == state)
		hrtimer_start(&q->timer, ns_to_ktime((u64)usecs * NSEC_PER_USEC),
			      HRTIMER_MODE_REL_PINNED);
}

/**
 * vmmq_queue_kick() - a received frame was put in the queue's ring
 * @q: the queue
 *
 * Context: BH disabled, RCU.
 */
void vmmq_queue_kick(struct vmmq_queue *q)
{
	int state;

	smp_mb(); /* K1, pairs with K2 in vmmq_queue_arm() */
	state = READ_ONCE(q->state);
	if (state != VMMQ_QUEUE_BUSY)
		vmmq_queue_wake_moderated(q, state);
}

/**
 * vmmq_queue_kick_now() - the queue has work that moderation does not delay
 * @q: the queue
 *
 * Context: BH disabled.
 */
void vmmq_queue_kick_now(struct vmmq_queue *q)
{
	int state;

	smp_mb(); /* K1, pairs with K2 in vmmq_queue_arm() */
	do {
		state = READ_ONCE(q->state);
		if (state == VMMQ_QUEUE_BUSY)
			return;
	} while (cmpxchg(&q->state, state, VMMQ_QUEUE_BUSY) != state);
	vmmq_queue_raise(q);
}

/**
 * vmmq_queue_on_home_cpu() - whether a poll may go on where it runs
 * @q: the queue
 *
 * Softirq polls belong to the vector's CPU. Threaded, busy and netpoll polls
 * run where their owner wants them.
 *
 * Context: NAPI poll.
 * Return: false if a softirq poll runs on a CPU that is not the vector's.
 */
bool vmmq_queue_on_home_cpu(const struct vmmq_queue *q)
{
	return !in_serving_softirq() ||
	       READ_ONCE(READ_ONCE(q->vector)->cpu) == smp_processor_id();
}

/**
 * vmmq_queue_arm() - the NAPI has completed: ask to be woken
 * @q: the queue
 *
 * Context: end of the NAPI poll, after napi_complete_done() said true.
 */
void vmmq_queue_arm(struct vmmq_queue *q)
{
	WRITE_ONCE(q->state, VMMQ_QUEUE_ARMED);
	smp_mb(); /* K2, pairs with K1 in vmmq_queue_kick() */
	if (!vmmq_queue_has_work(q))
		return;
	if (cmpxchg(&q->state, VMMQ_QUEUE_ARMED, VMMQ_QUEUE_BUSY) ==
	    VMMQ_QUEUE_ARMED)
		vmmq_queue_raise(q);
}

static int vmmq_vector_init(struct vmmq_adapter *adapter, unsigned int index)
{
	struct vmmq_vector *vector = &adapter->vectors[index];
	unsigned int cpu = cpumask_nth(index, adapter->cpus);
	int err = -ENOMEM;

	vector->adapter = adapter;
	vector->index = index;
	vector->cpu = cpu;
	init_llist_head(&vector->pending);
	init_irq_work(&vector->retrigger, vmmq_vector_retrigger);
	INIT_CSD(&vector->csd, vmmq_vector_arrive, vector);
	snprintf(vector->name, sizeof(vector->name), "%s-%u",
		 vmmq_adapter_name(adapter), index);
	if (!zalloc_cpumask_var(&vector->wanted, GFP_KERNEL))
		return -ENOMEM;
	vector->irq = irq_create_mapping(adapter->domain, index);
	if (!vector->irq)
		goto err_mask;
	err = request_irq(vector->irq, vmmq_vector_interrupt, 0, vector->name,
			  vector);
	if (err)
		goto err_mapping;
	err = irq_set_affinity_and_hint(vector->irq, cpumask_of(cpu));
	if (err)
		goto err_irq;
	return 0;

err_irq:
	free_irq(vector->irq, vector);
err_mapping:
	irq_dispose_mapping(vector->irq);
err_mask:
	free_cpumask_var(vector->wanted);
	return err;
}

/* Nobody raises any more; what was sent arrives by itself. */
static void vmmq_vector_quiesce(struct vmmq_vector *vector)
{
	irq_work_sync(&vector->retrigger);
	while (test_bit(VMMQ_VECTOR_SENT, &vector->flags))
		usleep_range(50, 100);
}

static void vmmq_vector_exit(struct vmmq_vector *vector)
{
	irq_update_affinity_hint(vector->irq, NULL);
	free_irq(vector->irq, vector);
	irq_dispose_mapping(vector->irq);
	free_cpumask_var(vector->wanted);
}

static void vmmq_vectors_free(struct vmmq_adapter *adapter,
			      unsigned int initialised)
{
	unsigned int i;

	for (i = 0; i < initialised; i++)
		vmmq_vector_quiesce(&adapter->vectors[i]);
	synchronize_rcu(); /* what has arrived runs with interrupts off */
	for (i = 0; i < initialised; i++)
		vmmq_vector_exit(&adapter->vectors[i]);
	vmmq_irqchip_destroy(adapter);
	kvfree(adapter->vectors);
}

/**
 * vmmq_vectors_create() - make an adapter's vectors, one per CPU of its set
 * @adapter: the adapter, its set not empty
 *
 * Context: process, CPU hotplug lock held.
 * Return: 0, or a negative errno and nothing is left.
 */
int vmmq_vectors_create(struct vmmq_adapter *adapter)
{
	unsigned int i;
	int err;

	adapter->num_vectors = min(cpumask_weight(adapter->cpus),
				   adapter->config.max_vectors);
	adapter->vectors = kvcalloc(adapter->num_vectors,
				    sizeof(*adapter->vectors), GFP_KERNEL);
	if (!adapter->vectors)
		return -ENOMEM;
	err = vmmq_irqchip_create(adapter);
	if (err) {
		kvfree(adapter->vectors);
		return err;
	}
	for (i = 0; i < adapter->num_vectors; i++) {
		err = vmmq_vector_init(adapter, i);
		if (err) {
			vmmq_vectors_free(adapter, i);
			return err;
		}
	}
	return 0;
}

/**
 * vmmq_vectors_destroy() - free an adapter's vectors
 * @adapter: the adapter, without VPorts
 *
 * Context: process.
 */
void vmmq_vectors_destroy(struct vmmq_adapter *adapter)
{
	vmmq_vectors_free(adapter, adapter->num_vectors);
}

/**
 * vmmq_vectors_synchronize() - wait for handlers that are running
 * @adapter: the adapter
 *
 * A queue may have been raised by a vector it was bound to before.
 *
 * Context: process.
 */
void vmmq_vectors_synchronize(const struct vmmq_adapter *adapter)
{
	unsigned int i;

	for (i = 0; i < adapter->num_vectors; i++)
		synchronize_irq(adapter->vectors[i].irq);
}

/**
 * vmmq_vectors_cpu_online() - restore affinities that an offline CPU broke
 * @adapter: the adapter
 * @cpu: the CPU that is back
 *
 * Context: process, CPU hotplug lock held.
 */
void vmmq_vectors_cpu_online(struct vmmq_adapter *adapter, unsigned int cpu)
{
	struct vmmq_vector *vector;
	unsigned int i;

	for (i = 0; i < adapter->num_vectors; i++) {
		vector = &adapter->vectors[i];
		if (cpumask_test_cpu(cpu, vector->wanted) &&
		    !cpumask_test_cpu(READ_ONCE(vector->cpu), vector->wanted))
			irq_set_affinity(vector->irq, vector->wanted);
	}
}
