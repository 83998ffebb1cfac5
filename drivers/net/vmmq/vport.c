// SPDX-License-Identifier: GPL-2.0
/*
 * VPorts: the net device operations and the life of a VPort.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/log2.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netdev_lock.h>
#include <net/rtnetlink.h>

#include "adapter.h"
#include "devlink.h"
#include "filter.h"
#include "netlink.h"
#include "nicswitch.h"
#include "qstats.h"
#include "queue.h"
#include "rss.h"
#include "rules.h"
#include "stats.h"
#include "tx.h"
#include "vport.h"
#include "xdp.h"

/* What the stack may leave to a VPort and what it may switch off. */
#define VMMQ_OFFLOADS							\
	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA | \
	 NETIF_F_SCTP_CRC | NETIF_F_ALL_TSO | NETIF_F_GSO_SOFTWARE |	\
	 NETIF_F_GSO_ENCAP_ALL)
#define VMMQ_VLAN_FEATURES						\
	(NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX |		\
	 NETIF_F_HW_VLAN_CTAG_FILTER)
#define VMMQ_RX_FEATURES						\
	(NETIF_F_RXHASH | NETIF_F_NTUPLE | NETIF_F_RXCSUM | NETIF_F_GRO_HW)

/**
 * vmmq_vport_running() - whether a VPort takes frames
 * @vport: the VPort
 *
 * Context: RCU; a VPort that stops waits for readers that saw it running.
 * Return: true if it is up.
 */
bool vmmq_vport_running(const struct vmmq_vport *vport)
{
	return test_bit(vport->id, vport->adapter->nicswitch.running);
}

/**
 * vmmq_vport_note_drain() - a queue has settled a move
 * @vport: the VPort
 * @drain: time since the move was put in force
 *
 * Context: any.
 */
void vmmq_vport_note_drain(struct vmmq_vport *vport, ktime_t drain)
{
	s64 longest = atomic64_read(&vport->longest_drain);

	while (drain > longest &&
	       !atomic64_try_cmpxchg(&vport->longest_drain, &longest, drain))
		;
}

static void vmmq_vport_go(struct vmmq_vport *vport)
{
	set_bit(vport->id, vport->adapter->nicswitch.running);
	netif_tx_start_all_queues(vport->dev);
	netif_carrier_on(vport->dev);
}

/**
 * vmmq_vport_activate() - let a VPort take and send frames, for good
 * @vport: a VPort, up or down, activated or not
 *
 * Context: process, RTNL.
 */
void vmmq_vport_activate(struct vmmq_vport *vport)
{
	ASSERT_RTNL();
	if (!test_and_clear_bit(VMMQ_VPORT_DEACTIVATED, &vport->flags))
		return;
	if (netif_running(vport->dev))
		vmmq_vport_go(vport);
	vmmq_nl_announce_vport(vport, VMMQ_CMD_VPORT_CHANGE_NTF);
}

static int vmmq_vport_open(struct net_device *dev)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < vport->num_queues; i++)
		vmmq_queue_start(vport->queues[i]);
	if (test_bit(VMMQ_VPORT_DEACTIVATED, &vport->flags))
		netif_tx_stop_all_queues(dev);
	else
		vmmq_vport_go(vport);
	return 0;
}

/* The stack has stopped the TX queues already. */
static int vmmq_vport_stop(struct net_device *dev)
{
	struct vmmq_vport *vport = netdev_priv(dev);

	netif_carrier_off(dev);
	netif_tx_disable(dev);
	clear_bit(vport->id, vport->adapter->nicswitch.running);
	vmmq_queues_stop(vport, 0, vport->num_queues);
	netif_tx_disable(dev);	/* the last completions may have woken some */
	return 0;
}

static int vmmq_vport_init_queues(struct vmmq_vport *vport)
{
	unsigned int i;

	for (i = 0; i < vport->num_queues; i++) {
		vport->queues[i] = vmmq_queue_alloc(vport, i);
		if (!vport->queues[i])
			return -ENOMEM;
	}
	return netif_set_real_num_queues(vport->dev, vport->num_queues,
					 vport->num_queues);
}

static unsigned int vmmq_vport_first_entries(const struct vmmq_vport *vport)
{
	if (vmmq_adapter_can(vport->adapter, VMMQ_CAPABILITY_RESTRICTED_TABLE))
		return roundup_pow_of_two(vport->num_queues);
	return vport->max_entries;
}

static int vmmq_vport_init_rss(struct vmmq_vport *vport)
{
	const struct vmmq_config *config = &vport->adapter->config;
	u8 key[VMMQ_KEY_SIZE_MAX];
	struct vmmq_rss *rss;

	netdev_rss_key_fill(key, config->key_size);
	rss = vmmq_rss_create(vmmq_vport_first_entries(vport),
			      vport->num_queues, key, config->key_size);
	if (!rss)
		return -ENOMEM;
	vmmq_rss_publish(vport, rss);
	return 0;
}

static int vmmq_vport_init_parts(struct vmmq_vport *vport)
{
	unsigned int cpu;
	int err;

	vport->queues = kcalloc(vport->max_queues, sizeof(*vport->queues),
				GFP_KERNEL);
	vport->drops = alloc_percpu(struct vmmq_drop_stats);
	if (!vport->queues || !vport->drops)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(vport->drops, cpu)->syncp);
	err = vmmq_vport_init_queues(vport);
	if (err)
		return err;
	err = vmmq_vport_init_rss(vport);
	if (err)
		return err;
	err = vmmq_nicswitch_add_address(vport, vport->dev->dev_addr);
	if (err)
		return err;
	err = vmmq_nicswitch_add_vid(vport, vport->vlan);
	if (err) {
		vmmq_filter_flush(vport);
		synchronize_net(); /* a sender may have met the first filter */
	}
	return err;
}

/* Nobody knows the VPort any more. */
static void vmmq_vport_destructor(struct net_device *dev)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	unsigned int i;

	for (i = 0; vport->queues && i < vport->max_queues; i++)
		vmmq_queue_free(vport->queues[i]);
	kfree(vport->queues);
	free_percpu(vport->drops);
	vmmq_rss_free(rcu_dereference_protected(vport->rss, true));
	vmmq_port_put(vport->port);
	vport->port = NULL;
	put_device(&vport->adapter->dev);
}

/* Called when the device is registered. If it fails the stack undoes nothing
 * of ours; if the registration fails later it calls uninit and destructor.
 */
static int vmmq_vport_init(struct net_device *dev)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	int err;

	netdev_lockdep_set_classes(dev);
	get_device(&vport->adapter->dev);
	err = vmmq_vport_init_parts(vport);
	if (err) {
		vmmq_vport_destructor(dev);
		return err;
	}
	vmmq_nicswitch_attach(vport);
	return 0;
}

/* The stack waits for a grace period after this, but not if the registration
 * has failed.
 */
static void vmmq_vport_uninit(struct net_device *dev)
{
	struct vmmq_vport *vport = netdev_priv(dev);

	vmmq_nicswitch_detach(vport);
	if (test_bit(VMMQ_VPORT_KNOWN, &vport->flags))
		vmmq_nl_announce_vport_gone(vport);
	/* It may wait on any queue's list: off it before its memory goes. */
	vmmq_queues_resume_all(&vport->adapter->nicswitch);
	if (dev->reg_state != NETREG_UNREGISTERING)
		synchronize_net();
}

static int vmmq_vport_set_mac(struct net_device *dev, void *p)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	struct sockaddr *addr = p;
	u8 old[ETH_ALEN];
	int err;

	err = eth_prepare_mac_addr_change(dev, p);
	if (err || ether_addr_equal(addr->sa_data, dev->dev_addr))
		return err;
	netif_addr_lock_bh(dev);
	err = vmmq_nicswitch_add_address(vport, addr->sa_data);
	netif_addr_unlock_bh(dev);
	if (err)
		return err;
	ether_addr_copy(old, dev->dev_addr);
	eth_commit_mac_addr_change(dev, p);
	netif_addr_lock_bh(dev);
	vmmq_nicswitch_del_address(vport, old);
	netif_addr_unlock_bh(dev);
	vmmq_nl_announce_vport(vport, VMMQ_CMD_VPORT_CHANGE_NTF);
	return 0;
}

static void vmmq_vport_set_rx_mode(struct net_device *dev)
{
	vmmq_nicswitch_set_rx_mode(netdev_priv(dev));
}

static int vmmq_vport_add_vid(struct net_device *dev, __be16 proto, u16 vid)
{
	return vmmq_nicswitch_add_vid(netdev_priv(dev), vid);
}

static int vmmq_vport_kill_vid(struct net_device *dev, __be16 proto, u16 vid)
{
	vmmq_nicswitch_del_vid(netdev_priv(dev), vid);
	return 0;
}

/* No GSO frame reaches a receiver over a wire. */
static netdev_features_t vmmq_vport_fix_features(struct net_device *dev,
						 netdev_features_t features)
{
	const struct vmmq_vport *vport = netdev_priv(dev);

	if (READ_ONCE(vport->adapter->wire))
		features &= ~NETIF_F_GRO_HW;
	return features;
}

static int vmmq_vport_set_features(struct net_device *dev,
				   netdev_features_t features)
{
	struct vmmq_vport *vport = netdev_priv(dev);
	int err;

	err = vmmq_nicswitch_set_vlan_filter(vport, features &
					     NETIF_F_HW_VLAN_CTAG_FILTER);
	if (err)
		return err;
	err = vmmq_rules_set_active(vport, features & NETIF_F_NTUPLE);
	if (!err)
		return 0;
	/* The first part is done, and the core shows what it is told here. */
	dev->features &= ~NETIF_F_HW_VLAN_CTAG_FILTER;
	dev->features |= features & NETIF_F_HW_VLAN_CTAG_FILTER;
	return err;
}

static const struct net_device_ops vmmq_vport_ops = {
	.ndo_init = vmmq_vport_init,
	.ndo_uninit = vmmq_vport_uninit,
	.ndo_open = vmmq_vport_open,
	.ndo_stop = vmmq_vport_stop,
	.ndo_start_xmit = vmmq_start_xmit,
	.ndo_select_queue = vmmq_select_queue,
	.ndo_get_stats64 = vmmq_stats_get64,
	.ndo_set_rx_mode = vmmq_vport_set_rx_mode,
	.ndo_set_mac_address = vmmq_vport_set_mac,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_vlan_rx_add_vid = vmmq_vport_add_vid,
	.ndo_vlan_rx_kill_vid = vmmq_vport_kill_vid,
	.ndo_fix_features = vmmq_vport_fix_features,
	.ndo_set_features = vmmq_vport_set_features,
	.ndo_features_check = passthru_features_check,
	.ndo_bpf = vmmq_xdp_bpf,
	.ndo_xdp_xmit = vmmq_xdp_xmit,
};

static void vmmq_vport_dellink(struct net_device *dev, struct list_head *head)
{
	vmmq_vport_destroy(netdev_priv(dev), head);
}

static struct rtnl_link_ops vmmq_link_ops = {
	.kind = VMMQ_DRV_NAME,
	.dellink = vmmq_vport_dellink,
	.netns_refund = true,
};

/* The default VPort goes only with its adapter: it has the kind, but the stack
 * finds no way to delete it.
 */
static const struct rtnl_link_ops vmmq_default_link_ops = {
	.kind = VMMQ_DRV_NAME,
	.netns_refund = true,
};

static void vmmq_vport_setup_features(struct net_device *dev)
{
	dev->features = VMMQ_OFFLOADS | VMMQ_VLAN_FEATURES | VMMQ_RX_FEATURES;
	dev->hw_features = dev->features | NETIF_F_LOOPBACK;
	dev->vlan_features = VMMQ_OFFLOADS;
	dev->hw_enc_features = VMMQ_OFFLOADS;
	dev->mpls_features = VMMQ_OFFLOADS;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = VMMQ_MAX_MTU;
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_UNICAST_FLT;
}

static void vmmq_vport_setup(struct net_device *dev,
			     struct vmmq_adapter *adapter,
			     const struct vmmq_vport_config *config)
{
	struct vmmq_vport *vport = netdev_priv(dev);

	vport->dev = dev;
	vport->adapter = adapter;
	vport->port = config->port;
	vport->id = config->id;
	vport->vlan = config->vlan;
	vport->max_entries = config->id ? adapter->config.entries :
					  adapter->config.default_entries;
	vport->max_queues = config->max_queues;
	vport->num_queues = config->queues;
	vport->rx_ring = VMMQ_DEFAULT_RING;
	vport->tx_ring = VMMQ_DEFAULT_RING;
	INIT_LIST_HEAD(&vport->filters);
	__assign_bit(VMMQ_VPORT_VLAN_FILTER, &vport->flags,
		     vmmq_adapter_can(adapter, VMMQ_CAPABILITY_VLAN_FILTER));
	__assign_bit(VMMQ_VPORT_DEACTIVATED, &vport->flags,
		     config->deactivated);
	__assign_bit(VMMQ_VPORT_TX_HASH, &vport->flags,
		     adapter->config.tx_hash);

	vmmq_vport_setup_features(dev);
	vmmq_xdp_setup(dev);
	if (!vmmq_adapter_can(adapter, VMMQ_CAPABILITY_VLAN_FILTER)) {
		dev->hw_features &= ~NETIF_F_HW_VLAN_CTAG_FILTER;
		dev->features &= ~NETIF_F_HW_VLAN_CTAG_FILTER;
	}
	if (is_zero_ether_addr(config->mac))
		eth_hw_addr_random(dev);
	else
		eth_hw_addr_set(dev, config->mac);
	dev->netdev_ops = &vmmq_vport_ops;
	dev->ethtool_ops = &vmmq_ethtool_ops;
	vmmq_qstats_setup(dev);
	dev->rtnl_link_ops = config->id ? &vmmq_link_ops :
					  &vmmq_default_link_ops;
	dev->dev_port = config->id;
	SET_NETDEV_DEV(dev, &adapter->dev);
	SET_NETDEV_DEVLINK_PORT(dev, &vport->port->devlink_port);
	netif_carrier_off(dev);
}

/**
 * vmmq_vport_of() - the VPort that a net device is
 * @dev: a net device
 *
 * Context: any.
 * Return: the VPort, or NULL if the device is something else.
 */
struct vmmq_vport *vmmq_vport_of(const struct net_device *dev)
{
	return dev->netdev_ops == &vmmq_vport_ops ? netdev_priv(dev) : NULL;
}

/**
 * vmmq_vport_follow_wire() - have only the features the adapter's mode has
 * @vport: a registered VPort
 *
 * What the user wanted of them stays wanted.
 *
 * Context: process, RTNL.
 */
void vmmq_vport_follow_wire(struct vmmq_vport *vport)
{
	struct net_device *dev = vport->dev;

	ASSERT_RTNL();
	if (vport->adapter->wire)
		dev->hw_features &= ~NETIF_F_GRO_HW;
	else
		dev->hw_features |= NETIF_F_GRO_HW;
	netdev_update_features(dev);
}

/**
 * vmmq_vport_create() - make a VPort in its adapter's namespace
 * @adapter: the adapter
 * @config: checked configuration; the port is given up if it fails
 *
 * Context: process, the adapter's devlink instance lock and RTNL.
 * Return: 0 or a negative errno.
 */
int vmmq_vport_create(struct vmmq_adapter *adapter,
		      const struct vmmq_vport_config *config)
{
	struct vmmq_vport *vport;
	struct net_device *dev;
	char name[IFNAMSIZ];
	int err;

	ASSERT_RTNL();
	if (config->name[0])
		strscpy(name, config->name, sizeof(name));
	else
		snprintf(name, sizeof(name), "%sv%u",
			 vmmq_adapter_name(adapter), config->id);
	dev = alloc_netdev_mqs(sizeof(struct vmmq_vport), name,
			       config->named ? NET_NAME_USER : NET_NAME_ENUM,
			       ether_setup, config->max_queues,
			       config->max_queues);
	if (!dev) {
		vmmq_port_put(config->port);
		return -ENOMEM;
	}
	vport = netdev_priv(dev);
	dev_net_set(dev, read_pnet(&adapter->net));
	vmmq_vport_setup(dev, adapter, config);
	dev->priv_destructor = vmmq_vport_destructor;
	dev->needs_free_netdev = true;
	err = register_netdevice(dev);
	if (err) {
		/* The destructor was not called, and will not be. */
		if (vport->port && dev->reg_state == NETREG_UNINITIALIZED)
			vmmq_port_put(vport->port);
		free_netdev(dev);
		return err;
	}
	vmmq_vport_follow_wire(vport);
	set_bit(VMMQ_VPORT_KNOWN, &vport->flags);
	vmmq_nl_announce_vport(vport, VMMQ_CMD_VPORT_ADD_NTF);
	return 0;
}

/**
 * vmmq_vport_destroy() - delete a VPort
 * @vport: the VPort
 * @head: collects devices to unregister
 *
 * Context: process, RTNL.
 */
void vmmq_vport_destroy(struct vmmq_vport *vport, struct list_head *head)
{
	ASSERT_RTNL();
	unregister_netdevice_queue(vport->dev, head);
}

/**
 * vmmq_vport_link_register() - make the link kind known
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmmq_vport_link_register(void)
{
	return rtnl_link_register(&vmmq_link_ops);
}

/**
 * vmmq_vport_link_unregister() - forget the link kind
 *
 * Context: process, when no VPort is left.
 */
void vmmq_vport_link_unregister(void)
{
	rtnl_link_unregister(&vmmq_link_ops);
}
