/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vector.c APIs: emulated MSI-X vectors of an adapter and the way a queue
 * raises one. irqchip.c gives each its Linux IRQ number.
 */
#ifndef _VMMQ_VECTOR_H
#define _VMMQ_VECTOR_H

#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/llist.h>
#include <linux/smp.h>

#include "vmmq.h"

#define VMMQ_VECTOR_NAME	24

/* Bit of vmmq_vector.flags: the csd is on its way */
#define VMMQ_VECTOR_SENT	0

/**
 * struct vmmq_vector - one emulated interrupt
 * @cpu: effective CPU; written by the irq chip under the descriptor's lock,
 *	read anywhere
 * @flags: VMMQ_VECTOR_SENT; whoever sets it may use @csd
 * @pending: queues whose NAPI the handler has to schedule
 * @csd: carries the interrupt to @cpu
 * @retrigger: sends again from interrupt context
 * @adapter: owner
 * @index: number within the adapter, the hardware IRQ number
 * @irq: Linux IRQ number
 * @wanted: affinity last asked for, restored when its CPUs come back; written
 *	under the descriptor's lock
 * @name: action name in /proc/interrupts, "<adapter>-<index>"
 */
struct vmmq_vector {
	unsigned int cpu;
	unsigned long flags;
	struct llist_head pending;
	call_single_data_t csd;
	struct irq_work retrigger;

	struct vmmq_adapter *adapter;
	unsigned int index;
	unsigned int irq;
	cpumask_var_t wanted;
	char name[VMMQ_VECTOR_NAME];
} ____cacheline_aligned_in_smp;

int vmmq_vectors_create(struct vmmq_adapter *adapter);
void vmmq_vectors_destroy(struct vmmq_adapter *adapter);
void vmmq_vectors_synchronize(const struct vmmq_adapter *adapter);
void vmmq_vectors_cpu_online(struct vmmq_adapter *adapter, unsigned int cpu);

void vmmq_vector_send(struct vmmq_vector *vector);

#endif /* _VMMQ_VECTOR_H */
