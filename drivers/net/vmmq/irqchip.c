// SPDX-License-Identifier: GPL-2.0
/*
 * The irq domain and the irq chip of an adapter: they turn its vectors into
 * Linux IRQs with an affinity. The chip has no registers; raising an interrupt
 * is a function call on the vector's CPU, see vector.c.
 */
#include <linux/cpumask.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/irqdomain.h>

#include "adapter.h"
#include "irqchip.h"
#include "netlink.h"
#include "vector.h"

static void vmmq_irq_nop(struct irq_data *data)
{
}

static unsigned int vmmq_irq_pick_cpu(const struct vmmq_vector *vector,
				      const struct cpumask *mask)
{
	if (cpumask_test_cpu(vector->cpu, mask) && cpu_online(vector->cpu))
		return vector->cpu;
	return cpumask_any_and_distribute(mask, cpu_online_mask);
}

/* Called under the descriptor's lock, interrupts off. A CPU that goes offline
 * evicts its interrupts after it has left the online mask; what it asks for is
 * not what the user wants, so it is not remembered.
 */
static int vmmq_irq_set_affinity(struct irq_data *data,
				 const struct cpumask *mask, bool force)
{
	struct vmmq_vector *vector = irq_data_get_irq_chip_data(data);
	unsigned int cpu = vmmq_irq_pick_cpu(vector, mask);

	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	if (cpu_online(smp_processor_id()))
		cpumask_copy(vector->wanted, mask);
	WRITE_ONCE(vector->cpu, cpu);
	irq_data_update_effective_affinity(data, cpumask_of(cpu));
	vmmq_nl_count_change();
	return IRQ_SET_MASK_OK;
}

/* An interrupt came while the line was disabled: let it come again. The
 * descriptor's lock is held, and a send to this very CPU would run the handler
 * at once: leave it to interrupt context.
 */
static int vmmq_irq_retrigger(struct irq_data *data)
{
	struct vmmq_vector *vector = irq_data_get_irq_chip_data(data);

	irq_work_queue(&vector->retrigger);
	return 1;
}

static struct irq_chip vmmq_irq_chip = {
	.name = VMMQ_DRV_NAME,
	.irq_ack = vmmq_irq_nop,
	.irq_mask = vmmq_irq_nop,
	.irq_unmask = vmmq_irq_nop,
	.irq_set_affinity = vmmq_irq_set_affinity,
	.irq_retrigger = vmmq_irq_retrigger,
};

/* The edge flow keeps an interrupt that arrives while its handler still runs
 * on another CPU. Affinity changes have to take effect at once: the line may
 * never fire again on its old CPU.
 */
static int vmmq_irq_map(struct irq_domain *domain, unsigned int irq,
			irq_hw_number_t hwirq)
{
	struct vmmq_adapter *adapter = domain->host_data;

	irq_set_chip_data(irq, &adapter->vectors[hwirq]);
	irq_set_chip_and_handler(irq, &vmmq_irq_chip, handle_edge_irq);
	irq_set_status_flags(irq, IRQ_MOVE_PCNTXT);
	irq_set_noprobe(irq);
	return 0;
}

static void vmmq_irq_unmap(struct irq_domain *domain, unsigned int irq)
{
	irq_set_chip_and_handler(irq, NULL, NULL);
	irq_set_chip_data(irq, NULL);
}

static const struct irq_domain_ops vmmq_irq_domain_ops = {
	.map = vmmq_irq_map,
	.unmap = vmmq_irq_unmap,
};

/**
 * vmmq_irqchip_create() - make the irq domain of an adapter
 * @adapter: the adapter, with its vectors allocated
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int vmmq_irqchip_create(struct vmmq_adapter *adapter)
{
	struct fwnode_handle *fwnode;

	fwnode = irq_domain_alloc_named_fwnode(vmmq_adapter_name(adapter));
	if (!fwnode)
		return -ENOMEM;
	adapter->domain = irq_domain_create_linear(fwnode,
						   adapter->num_vectors,
						   &vmmq_irq_domain_ops,
						   adapter);
	if (!adapter->domain) {
		irq_domain_free_fwnode(fwnode);
		return -ENOMEM;
	}
	return 0;
}

/**
 * vmmq_irqchip_destroy() - remove the irq domain of an adapter
 * @adapter: the adapter, its IRQs freed and their mappings disposed of
 *
 * Context: process.
 */
void vmmq_irqchip_destroy(struct vmmq_adapter *adapter)
{
	struct fwnode_handle *fwnode = adapter->domain->fwnode;

	irq_domain_remove(adapter->domain);
	irq_domain_free_fwnode(fwnode);
}
