/* SPDX-License-Identifier: GPL-2.0 */
/*
 * adapter.c APIs: an emulated NIC, the device on the vmmq bus that is the
 * parent of its VPorts.
 */
#ifndef _VMMQ_ADAPTER_H
#define _VMMQ_ADAPTER_H

#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/list.h>
#include <net/net_namespace.h>

#include "nicswitch.h"
#include "vmmq.h"

/**
 * struct vmmq_adapter - one emulated NIC
 * @nicswitch: filters and forwarding; read per frame
 * @wire: frames pass as a wire carries them; written under RTNL
 * @num_vectors: vectors, fixed for the adapter's life
 * @vectors: array of @num_vectors
 * @domain: maps a vector's index to its Linux IRQ number
 * @devlink: its devlink instance
 * @dev: device on the vmmq bus; its reference count is the adapter's
 * @id: the N of the name vmmqN
 * @net: namespace the adapter belongs to
 * @whole: made, and its end has not begun; written under RTNL
 * @cpus: its processor set; RTNL
 * @config: what it was created with
 * @list: on the list of adapters, under its lock
 */
struct vmmq_adapter {
	struct vmmq_nicswitch nicswitch;

	bool wire;
	unsigned int num_vectors;
	struct vmmq_vector *vectors;
	struct irq_domain *domain;

	struct devlink *devlink;
	struct device dev;
	unsigned int id;
	possible_net_t net;
	bool whole;
	cpumask_var_t cpus;
	struct vmmq_config config;
	struct list_head list;
};

static inline const char *vmmq_adapter_name(const struct vmmq_adapter *adapter)
{
	return dev_name(&adapter->dev);
}

static inline bool vmmq_adapter_can(const struct vmmq_adapter *adapter,
				    enum vmmq_capability capability)
{
	return adapter->config.capabilities & capability;
}

int vmmq_adapter_create(struct net *net, const struct vmmq_config *config,
			char *name);
int vmmq_adapter_delete(struct net *net, const char *name);
bool vmmq_adapter_exists(const char *name);
unsigned int vmmq_adapter_count_queues(const struct vmmq_adapter *adapter);
unsigned int vmmq_adapter_count_vports(const struct vmmq_adapter *adapter);
void vmmq_adapter_set_wire(struct vmmq_adapter *adapter, bool wire);
void vmmq_adapter_destroy_all(void);
void vmmq_adapters_hold(void);
void vmmq_adapters_release(void);
struct vmmq_adapter *vmmq_adapter_find(const struct net *net, const char *name);
struct vmmq_adapter *vmmq_adapter_next(const struct net *net, unsigned int id);
void vmmq_adapter_cpu_online(unsigned int cpu);

int vmmq_adapter_bus_register(void);
void vmmq_adapter_bus_unregister(void);

#endif /* _VMMQ_ADAPTER_H */
