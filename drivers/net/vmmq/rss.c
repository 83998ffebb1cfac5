// SPDX-License-Identifier: GPL-2.0
/*
 * RSS parameters: keys and their expansion, snapshots, and how one replaces
 * another.
 */
#include <linux/ethtool.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "context.h"
#include "move.h"
#include "place.h"
#include "rss.h"
#include "rules.h"
#include "vport.h"

/* Keys in use, so that VPorts with one key share its rows. */
static DEFINE_SPINLOCK(vmmq_keys_lock);
static DEFINE_HASHTABLE(vmmq_keys, 8);	/* under vmmq_keys_lock */

static int vmmq_pkt_copy(const struct vmmq_pkt *pkt, u32 off, void *to, u32 len)
{
	return skb_copy_bits(pkt->ctx, off, to, len);
}

/**
 * vmmq_rss_pkt() - a frame as the pure functions look at it
 * @skb: the frame, at its Ethernet header
 *
 * Context: any.
 * Return: the description, valid as long as the frame is.
 */
struct vmmq_pkt vmmq_rss_pkt(const struct sk_buff *skb)
{
	const struct vmmq_pkt pkt = {
		.data = skb->data,
		.linear = skb_headlen(skb),
		.len = skb->len,
		.vlan_accel = skb_vlan_tag_present(skb),
		.gso = skb_is_gso(skb),
		.copy = vmmq_pkt_copy,
		.ctx = skb,
	};

	return pkt;
}

/**
 * vmmq_rss_hash() - hash a frame by a VPort's parameters
 * @rss: the parameters
 * @skb: the frame, at its Ethernet header
 * @hash: the result, untouched if the frame is not hashable
 *
 * Context: RCU.
 * Return: &enum vmmq_hash_type, VMMQ_HASH_NONE if the frame is not hashable or
 * RSS is off.
 */
u8 vmmq_rss_hash(const struct vmmq_rss *rss, const struct sk_buff *skb,
		 u32 *hash)
{
	const struct vmmq_pkt pkt = vmmq_rss_pkt(skb);
	struct vmmq_flow flow;

	if (unlikely(!rss->enabled))
		return VMMQ_HASH_NONE;
	if (!vmmq_flow_parse(&pkt, rss->fields, &flow))
		return VMMQ_HASH_NONE;
	if (unlikely(rss->xfrm))
		vmmq_flow_transform(&flow, rss->xfrm);
	*hash = vmmq_toeplitz_hash(rss->key->toeplitz, flow.input, flow.len);
	return flow.type;
}

static u32 vmmq_key_hash(const u8 *bytes, unsigned int size)
{
	return jhash(bytes, size, 0);
}

static struct vmmq_key *vmmq_key_find(const u8 *bytes, unsigned int size)
{
	struct vmmq_key *key;

	spin_lock_bh(&vmmq_keys_lock);
	hash_for_each_possible(vmmq_keys, key, node, vmmq_key_hash(bytes, size)) {
		if (key->size == size && !memcmp(key->bytes, bytes, size)) {
			refcount_inc(&key->refs);
			spin_unlock_bh(&vmmq_keys_lock);
			return key;
		}
	}
	spin_unlock_bh(&vmmq_keys_lock);
	return NULL;
}

/* RTNL: two callers never make the same key twice. */
static struct vmmq_key *vmmq_key_get(const u8 *bytes, unsigned int size)
{
	struct vmmq_key *key = vmmq_key_find(bytes, size);

	if (key)
		return key;
	key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
	if (!key)
		return NULL;
	key->toeplitz = kvmalloc(vmmq_toeplitz_size(size), GFP_KERNEL_ACCOUNT);
	if (!key->toeplitz) {
		kfree(key);
		return NULL;
	}
	refcount_set(&key->refs, 1);
	key->size = size;
	memcpy(key->bytes, bytes, size);
	vmmq_toeplitz_expand(key->toeplitz, bytes, size);
	spin_lock_bh(&vmmq_keys_lock);
	hash_add(vmmq_keys, &key->node, vmmq_key_hash(bytes, size));
	spin_unlock_bh(&vmmq_keys_lock);
	return key;
}

static void vmmq_key_put(struct vmmq_key *key)
{
	if (!key)
		return;
	spin_lock_bh(&vmmq_keys_lock);
	if (!refcount_dec_and_test(&key->refs)) {
		spin_unlock_bh(&vmmq_keys_lock);
		return;
	}
	hash_del(&key->node);
	spin_unlock_bh(&vmmq_keys_lock);
	kvfree(key->toeplitz);
	kfree(key);
}

/**
 * vmmq_rss_free() - free a snapshot that no reader can hold
 * @rss: a snapshot that was never published, or NULL
 *
 * Context: process or RCU callback.
 */
void vmmq_rss_free(struct vmmq_rss *rss)
{
	if (!rss)
		return;
	vmmq_key_put(rss->key);
	vmmq_contexts_put(rss->contexts);
	vmmq_rules_put(rss->rules);
	kvfree(rss);
}

static void vmmq_rss_free_rcu(struct rcu_head *head)
{
	vmmq_rss_free(container_of(head, struct vmmq_rss, rcu));
}

static struct vmmq_rss *vmmq_rss_alloc(unsigned int entries)
{
	struct vmmq_rss *rss;

	rss = kvzalloc(struct_size(rss, table, 2 * entries), GFP_KERNEL_ACCOUNT);
	if (!rss)
		return NULL;
	rss->mask = entries - 1;
	rss->default_cpu = VMMQ_RSS_NO_CPU;
	rss->primary_cpu = VMMQ_RSS_NO_CPU;
	memset16(vmmq_rss_tracked(rss), VMMQ_RSS_NO_CPU, entries);
	return rss;
}

/**
 * vmmq_rss_set_default_table() - spread the entries over the active queues
 * @rss: an unpublished snapshot
 *
 * Context: process.
 */
void vmmq_rss_set_default_table(struct vmmq_rss *rss)
{
	unsigned int i;

	for (i = 0; i < vmmq_rss_entries(rss); i++) {
		rss->table[i] = ethtool_rxfh_indir_default(i, rss->queues);
		vmmq_rss_tracked(rss)[i] = VMMQ_RSS_NO_CPU;
	}
}

/**
 * vmmq_rss_create() - the parameters a VPort starts with
 * @entries: table size, a power of two
 * @queues: active queue pairs
 * @key: secret key
 * @key_size: its size in bytes
 *
 * Context: process, RTNL.
 * Return: a snapshot to publish, or NULL if memory is short.
 */
struct vmmq_rss *vmmq_rss_create(unsigned int entries, unsigned int queues,
				 const u8 *key, unsigned int key_size)
{
	struct vmmq_rss *rss = vmmq_rss_alloc(entries);

	if (!rss)
		return NULL;
	rss->key = vmmq_key_get(key, key_size);
	if (!rss->key) {
		vmmq_rss_free(rss);
		return NULL;
	}
	rss->queues = queues;
	rss->enabled = true;
	rss->ntuple = true;
	vmmq_types_to_fields(VMMQ_TYPE_IPV4 | VMMQ_TYPE_TCP_IPV4 |
			     VMMQ_TYPE_UDP_IPV4 | VMMQ_TYPE_IPV6 |
			     VMMQ_TYPE_TCP_IPV6 | VMMQ_TYPE_UDP_IPV6,
			     rss->fields);
	vmmq_rss_set_default_table(rss);
	return rss;
}

/**
 * vmmq_rss_clone() - copy a snapshot in order to change it
 * @old: a published snapshot
 * @entries: table size of the copy; the table is repeated or cut
 *
 * Context: process, RTNL.
 * Return: an unpublished copy, or NULL if memory is short.
 */
struct vmmq_rss *vmmq_rss_clone(const struct vmmq_rss *old, u32 entries)
{
	struct vmmq_rss *rss = vmmq_rss_alloc(entries);
	u32 i;

	if (!rss)
		return NULL;
	memcpy(rss, old, offsetof(struct vmmq_rss, table));
	rss->mask = entries - 1;
	for (i = 0; i < entries; i++) {
		rss->table[i] = old->table[i & old->mask];
		vmmq_rss_tracked(rss)[i] = vmmq_rss_tracked(old)[i & old->mask];
	}
	refcount_inc(&rss->key->refs);
	vmmq_contexts_hold(rss->contexts);
	vmmq_rules_hold(rss->rules);
	rss->generation++;
	return rss;
}

/**
 * vmmq_rss_copy() - copy a snapshot in order to change it, but for its size
 * @old: a published snapshot
 *
 * Context: process, RTNL.
 * Return: an unpublished copy, or NULL if memory is short.
 */
struct vmmq_rss *vmmq_rss_copy(const struct vmmq_rss *old)
{
	return vmmq_rss_clone(old, vmmq_rss_entries(old));
}

/**
 * vmmq_rss_set_key() - change the key of an unpublished snapshot
 * @rss: the snapshot
 * @key: secret key, as long as the old one
 *
 * Context: process, RTNL.
 * Return: 0, or -ENOMEM and the old key stays.
 */
int vmmq_rss_set_key(struct vmmq_rss *rss, const u8 *key)
{
	struct vmmq_key *new = vmmq_key_get(key, rss->key->size);

	if (!new)
		return -ENOMEM;
	vmmq_key_put(rss->key);
	rss->key = new;
	return 0;
}

/**
 * vmmq_rss_get() - the parameters in force
 * @vport: the VPort
 *
 * Context: process, RTNL.
 * Return: the published snapshot.
 */
struct vmmq_rss *vmmq_rss_get(const struct vmmq_vport *vport)
{
	return rtnl_dereference(vport->rss);
}

/**
 * vmmq_rss_publish() - put a snapshot in force and retire the old one
 * @vport: the VPort
 * @rss: the new snapshot, complete and checked; NULL at the VPort's end
 *
 * Context: process, RTNL. Cannot fail. Frames steered from now on follow it.
 */
void vmmq_rss_publish(struct vmmq_vport *vport, struct vmmq_rss *rss)
{
	struct vmmq_rss *old = rtnl_dereference(vport->rss);

	rcu_assign_pointer(vport->rss, rss);
	if (old)
		call_rcu(&old->rcu, vmmq_rss_free_rcu);
}

/* For tests only: they must see what goes wrong without. */
static bool vmmq_order = true;
module_param_named(order, vmmq_order, bool, 0644);
MODULE_PARM_DESC(order, "Debug: keep flows in order while steering changes (default on)");

static unsigned int vmmq_rss_moved_entries(const struct vmmq_rss *old,
					   const struct vmmq_rss *new)
{
	unsigned int i, moved = 0;

	for (i = 0; i < vmmq_rss_entries(new); i++)
		moved += old->table[i & old->mask] != new->table[i];
	return moved;
}

/**
 * vmmq_rss_commit() - replace the snapshot in force under traffic
 * @vport: the VPort
 * @rss: a changed clone of the snapshot in force, complete and checked; its
 *	queues exist, and are started if the VPort is up
 * @place: queues to bind to other vectors before, or NULL
 *
 * No frame is lost and no flow reordered. The new snapshot holds for every
 * frame that is sent after this has returned.
 *
 * Context: process, RTNL.
 * Return: 0, or -ENOMEM and nothing has changed; @rss is the caller's then.
 */
int vmmq_rss_commit(struct vmmq_vport *vport, struct vmmq_rss *rss,
		    const struct vmmq_place *place)
{
	struct vmmq_rss *old = vmmq_rss_get(vport);
	struct vmmq_move *move = NULL;
	unsigned int moved;

	ASSERT_RTNL();
	if (netif_running(vport->dev) && READ_ONCE(vmmq_order)) {
		move = vmmq_move_alloc(vport, old, rss);
		if (IS_ERR(move))
			return PTR_ERR(move);
	}
	if (place)
		vmmq_place_bind(vport, place);
	moved = vmmq_rss_moved_entries(old, rss);
	WRITE_ONCE(vport->entries_moved, vport->entries_moved + moved);
	if (move)
		vmmq_move_publish(vport, move, rss);
	else
		vmmq_rss_publish(vport, rss);
	return 0;
}

/**
 * vmmq_rss_user_table() - whether a user has set the table
 * @vport: the VPort
 *
 * Context: process, RTNL.
 * Return: true if it stays when the number of queue pairs changes.
 */
bool vmmq_rss_user_table(const struct vmmq_vport *vport)
{
	return test_bit(VMMQ_VPORT_USER_TABLE, &vport->flags) ||
	       netif_is_rxfh_configured(vport->dev);
}

/**
 * vmmq_rss_highest_queue() - the highest queue a table names
 * @rss: a snapshot
 *
 * Context: process.
 * Return: a queue number.
 */
unsigned int vmmq_rss_highest_queue(const struct vmmq_rss *rss)
{
	unsigned int highest = 0;
	unsigned int i;

	for (i = 0; i < vmmq_rss_entries(rss); i++)
		highest = max_t(unsigned int, highest, rss->table[i]);
	return highest;
}
