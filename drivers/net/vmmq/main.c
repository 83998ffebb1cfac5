// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters, and the order in which the parts come up and go down.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "adapter.h"
#include "netlink.h"
#include "toeplitz.h"
#include "vmmq.h"
#include "vport.h"

/* Until vmmq_init() fills in what depends on the machine or on another one */
#define VMMQ_NOT_GIVEN	UINT_MAX

static unsigned int adapters = 1;
module_param(adapters, uint, 0444);
MODULE_PARM_DESC(adapters, "Adapters to create, 1 to 64 (default 1)");

static unsigned int vports = 3;
module_param(vports, uint, 0444);
MODULE_PARM_DESC(vports, "VPorts of each adapter including the default VPort, 1 to 1024 (default 3)");

static unsigned int queues = VMMQ_NOT_GIVEN;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues, "Queue pairs each VPort starts with, 1 to max_queues (default: online CPUs)");

static unsigned int max_queues = VMMQ_NOT_GIVEN;
module_param(max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues, "Queue pairs that ethtool -L can reach, 1 to 128 (default: 16 or the online CPUs, whichever is more)");

static unsigned int entries = VMMQ_NOT_GIVEN;
module_param(entries, uint, 0444);
MODULE_PARM_DESC(entries, "Indirection table entries, a power of two from 16 to 4096 (default: four times max_queues rounded up, at least 128)");

static unsigned int key_size = VMMQ_KEY_SIZE_NDIS;
module_param(key_size, uint, 0444);
MODULE_PARM_DESC(key_size, "RSS key size in bytes, 40 or 52 (default 40)");

static bool tx_hash;
module_param(tx_hash, bool, 0444);
MODULE_PARM_DESC(tx_hash, "Hash outgoing frames that carry no hash instead of using the default queue (default off)");

static bool wire;
module_param(wire, bool, 0444);
MODULE_PARM_DESC(wire, "Frames pass between VPorts as a wire carries them: segmented, checksums filled in (default off: whole)");

static enum cpuhp_state vmmq_cpuhp_state;

static int vmmq_check_range(const char *name, unsigned int value,
			    unsigned int min, unsigned int max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("%s=%u is outside %u to %u\n", name, value, min, max);
	return -EINVAL;
}

/* A bad number of queues is refused later, whatever this makes of it. */
static unsigned int vmmq_default_entries(unsigned int max)
{
	return max_t(unsigned int, VMMQ_DEFAULT_ENTRIES,
		     roundup_pow_of_two(4 * clamp(max, 1U,
						  (unsigned int)VMMQ_MAX_QUEUES)));
}

/* The parameters show the values in force from here on. */
static void vmmq_fill_in_parameters(void)
{
	unsigned int cpus = min_t(unsigned int, num_online_cpus(),
				  VMMQ_MAX_QUEUES);

	if (max_queues == VMMQ_NOT_GIVEN)
		max_queues = max3(cpus, 16U, queues == VMMQ_NOT_GIVEN ? 0 :
				  min_t(unsigned int, queues, VMMQ_MAX_QUEUES));
	if (queues == VMMQ_NOT_GIVEN)
		queues = min(cpus, max_queues);
	if (entries == VMMQ_NOT_GIVEN)
		entries = vmmq_default_entries(max_queues);
}

static void vmmq_config_fill(struct vmmq_config *config)
{
	*config = (struct vmmq_config) {
		.capabilities = VMMQ_DEFAULT_CAPABILITIES,
		.vports = vports,
		.max_vports = VMMQ_MAX_VPORTS,
		.pool_queues = VMMQ_MAX_VPORTS * VMMQ_MAX_QUEUES,
		.max_filters = VMMQ_DEFAULT_FILTERS,
		.max_vectors = VMMQ_MAX_VECTORS,
		.queues = queues,
		.default_max_queues = max_queues,
		.max_queues = max_queues,
		.default_entries = entries,
		.entries = entries,
		.key_size = key_size,
		.tx_hash = tx_hash,
		.wire = wire,
	};
	vmmq_procset_init(&config->processors);
}

static int vmmq_config_check(const struct vmmq_config *config)
{
	int err;

	err = vmmq_check_range("adapters", adapters, 1, VMMQ_MAX_ADAPTERS);
	if (!err)
		err = vmmq_check_range("vports", config->vports, 1,
				       VMMQ_MAX_VPORTS);
	if (!err)
		err = vmmq_check_range("max_queues", config->max_queues, 1,
				       VMMQ_MAX_QUEUES);
	if (!err)
		err = vmmq_check_range("queues", config->queues, 1,
				       config->max_queues);
	if (!err)
		err = vmmq_check_range("entries", config->entries,
				       VMMQ_MIN_ENTRIES, VMMQ_MAX_ENTRIES);
	if (err)
		return err;
	if (!is_power_of_2(config->entries)) {
		pr_err("entries=%u is not a power of two\n", config->entries);
		return -EINVAL;
	}
	if (config->key_size != VMMQ_KEY_SIZE_NDIS &&
	    config->key_size != VMMQ_KEY_SIZE_LONG) {
		pr_err("key_size=%u is neither %u nor %u\n", config->key_size,
		       VMMQ_KEY_SIZE_NDIS, VMMQ_KEY_SIZE_LONG);
		return -EINVAL;
	}
	return 0;
}

static int vmmq_cpu_online(unsigned int cpu)
{
	vmmq_adapter_cpu_online(cpu);
	return 0;
}

static int vmmq_create_adapters(const struct vmmq_config *config)
{
	unsigned int id;
	int err;

	for (id = 0; id < adapters; id++) {
		err = vmmq_adapter_create(&init_net, config, NULL);
		if (err) {
			vmmq_adapter_destroy_all();
			return err;
		}
	}
	return 0;
}

static int __init vmmq_init(void)
{
	struct vmmq_config config;
	int err;

	vmmq_fill_in_parameters();
	vmmq_config_fill(&config);
	err = vmmq_config_check(&config);
	if (err)
		return err;

	err = vmmq_adapter_bus_register();
	if (err)
		return err;
	err = vmmq_vport_link_register();
	if (err)
		goto err_bus;
	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "net/vmmq:online",
					vmmq_cpu_online, NULL);
	if (err < 0)
		goto err_link;
	vmmq_cpuhp_state = err;
	err = vmmq_create_adapters(&config);
	if (err)
		goto err_cpuhp;
	err = vmmq_netlink_register();
	if (err)
		goto err_adapters;
	return 0;

err_adapters:
	vmmq_adapter_destroy_all();
err_cpuhp:
	rcu_barrier();
	cpuhp_remove_state_nocalls(vmmq_cpuhp_state);
err_link:
	vmmq_vport_link_unregister();
err_bus:
	vmmq_adapter_bus_unregister();
	return err;
}

static void __exit vmmq_exit(void)
{
	vmmq_netlink_unregister();
	vmmq_adapter_destroy_all();
	cpuhp_remove_state_nocalls(vmmq_cpuhp_state);
	vmmq_vport_link_unregister();
	vmmq_adapter_bus_unregister();
	/* Snapshots, keys and filters are freed by RCU callbacks of ours. */
	rcu_barrier();
}

module_init(vmmq_init);
module_exit(vmmq_exit);

MODULE_AUTHOR("The vmmq authors");
MODULE_DESCRIPTION("Emulated VMMQ network adapter: multiqueue VPorts, each with its own RSS");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK("vmmq");
