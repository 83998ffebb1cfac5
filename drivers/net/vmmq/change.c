// SPDX-License-Identifier: GPL-2.0
/*
 * Changing RSS parameters: a request is carried out whole or not at all. It is
 * applied to a copy of the snapshot in force, the result is checked as a whole
 * and then committed.
 */
#include <linux/log2.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>

#include "adapter.h"
#include "change.h"
#include "context.h"
#include "ethtool_rss.h"
#include "flow.h"
#include "netlink.h"
#include "place.h"
#include "queue.h"
#include "rss.h"
#include "rules.h"
#include "vport.h"

/* The table follows the number of queue pairs. */
static int vmmq_change_check_restricted(const struct vmmq_vport *vport,
					struct vmmq_change *change,
					struct netlink_ext_ack *extack)
{
	u32 queues = change->queue_pairs ?: vport->num_queues;
	u32 entries;

	if (queues > vport->max_queues)
		return 0; /* refused for that */
	entries = roundup_pow_of_two(queues);
	if (WARN_ON_ONCE(entries > vport->max_entries))
		return -EINVAL;
	if (!change->entries && change->queue_pairs)
		change->entries = entries;
	if (!change->entries || change->entries == entries)
		return 0;
	change->bad = VMMQ_CHANGE_ENTRIES;
	vmmq_refuse(vport->dev, extack,
		    "this adapter's tables have %u entries for %u queue pairs",
		    entries, queues);
	return -EINVAL;
}

static int vmmq_change_check_entries(const struct vmmq_vport *vport,
				     struct vmmq_change *change,
				     struct netlink_ext_ack *extack)
{
	u32 max = vport->max_entries;

	if (vmmq_adapter_can(vport->adapter, VMMQ_CAPABILITY_RESTRICTED_TABLE))
		return vmmq_change_check_restricted(vport, change, extack);
	if (!change->entries ||
	    (is_power_of_2(change->entries) && change->entries <= max))
		return 0;
	change->bad = VMMQ_CHANGE_ENTRIES;
	vmmq_refuse(vport->dev, extack,
		    "%u table entries: must be a power of two up to %u",
		    change->entries, max);
	return -EINVAL;
}

/* Without the capability, VPorts but the default one have one number. */
static bool vmmq_change_breaks_symmetry(const struct vmmq_vport *vport,
					u32 queues)
{
	const struct vmmq_adapter *adapter = vport->adapter;
	const struct vmmq_vport *other;
	unsigned int id;

	if (!vport->id ||
	    vmmq_adapter_can(adapter, VMMQ_CAPABILITY_ASYMMETRIC_QUEUE_PAIRS))
		return false;
	for (id = 1; id < VMMQ_MAX_VPORTS; id++) {
		other = rtnl_dereference(adapter->nicswitch.vports[id]);
		if (other && other != vport && other->num_queues != queues)
			return true;
	}
	return false;
}

static int vmmq_change_check_pool(const struct vmmq_vport *vport,
				  const struct vmmq_change *change,
				  struct netlink_ext_ack *extack)
{
	const struct vmmq_adapter *adapter = vport->adapter;
	unsigned int used;

	if (change->queue_pairs <= vport->num_queues)
		return 0;
	used = vmmq_adapter_count_queues(adapter);
	if (used + change->queue_pairs - vport->num_queues <=
	    adapter->config.pool_queues)
		return 0;
	vmmq_refuse(vport->dev, extack,
		    "pool of queue pairs of %s: %u of %u in use",
		    vmmq_adapter_name(adapter), used,
		    adapter->config.pool_queues);
	return -ENOSPC;
}

static int vmmq_change_check_count(const struct vmmq_vport *vport,
				   struct vmmq_change *change,
				   struct netlink_ext_ack *extack)
{
	if (!change->queue_pairs)
		return 0;
	change->bad = VMMQ_CHANGE_QUEUE_PAIRS;
	if (change->queue_pairs > vport->max_queues) {
		vmmq_refuse(vport->dev, extack,
			    "%u queue pairs: must be 1 to %u",
			    change->queue_pairs, vport->max_queues);
		return -EINVAL;
	}
	if (vmmq_change_breaks_symmetry(vport, change->queue_pairs)) {
		vmmq_refuse(vport->dev, extack,
			    "VPorts of %s all have the same number of queue pairs",
			    vmmq_adapter_name(vport->adapter));
		return -EOPNOTSUPP;
	}
	return vmmq_change_check_pool(vport, change, extack);
}

/* Without the capability, key and hash types are what VPorts were made with. */
static int vmmq_change_check_hash(const struct vmmq_vport *vport,
				  struct vmmq_change *change,
				  struct netlink_ext_ack *extack)
{
	if ((!change->key && !change->fields &&
	     change->xfrm == VMMQ_CHANGE_KEEP) ||
	    vmmq_adapter_can(vport->adapter, VMMQ_CAPABILITY_VPORT_HASH))
		return 0;
	change->bad = change->key ? VMMQ_CHANGE_KEY :
		      change->fields ? VMMQ_CHANGE_FIELDS : VMMQ_CHANGE_XFRM;
	vmmq_refuse(vport->dev, extack,
		    "VPorts of %s share key and hash types, which are fixed",
		    vmmq_adapter_name(vport->adapter));
	return -EOPNOTSUPP;
}

/* The tables of contexts are as long as the VPort's own. */
static int vmmq_change_check_contexts(const struct vmmq_vport *vport,
				      const struct vmmq_rss *old,
				      struct vmmq_change *change,
				      struct netlink_ext_ack *extack)
{
	if (!old->contexts || !change->entries ||
	    change->entries == vmmq_rss_entries(old))
		return 0;
	change->bad = VMMQ_CHANGE_ENTRIES;
	vmmq_refuse(vport->dev, extack,
		    "tables keep %u entries while there are RSS contexts; delete these",
		    vmmq_rss_entries(old));
	return -EBUSY;
}

/* A table that shrinks has to repeat itself, unless it is given anew. */
static int vmmq_change_check_shrink(const struct vmmq_vport *vport,
				    const struct vmmq_rss *old,
				    struct vmmq_change *change,
				    struct netlink_ext_ack *extack)
{
	const u16 *cpus = vmmq_rss_tracked(old);
	u32 i, entries = change->entries;

	if (!entries || change->table != VMMQ_TABLE_KEEP ||
	    !vmmq_rss_user_table(vport))
		return 0;
	for (i = entries; i < vmmq_rss_entries(old); i++) {
		if (old->table[i] == old->table[i % entries] &&
		    cpus[i] == cpus[i % entries])
			continue;
		change->bad = VMMQ_CHANGE_ENTRIES;
		vmmq_refuse(vport->dev, extack,
			    "entry %u differs from entry %u: give a table too, or repeat the first %u",
			    i, i % entries, entries);
		return -EILSEQ;
	}
	return 0;
}

static void vmmq_change_refuse_set(const struct vmmq_vport *vport,
				   enum vmmq_flow_type type, u8 set,
				   struct netlink_ext_ack *extack)
{
	if (vmmq_fields_valid(type, set & ~VMMQ_FIELD_LABEL))
		vmmq_refuse(vport->dev, extack,
			    "only frames of IPv6 have a flow label");
	else if (vmmq_fields_valid(type, set & ~VMMQ_FIELD_EX))
		vmmq_refuse(vport->dev, extack,
			    "ex needs an address and a flow type of IPv6");
	else
		vmmq_refuse(vport->dev, extack,
			    "frames of this flow type have no ports; use addresses only");
}

static int vmmq_change_check_set(const struct vmmq_vport *vport,
				 const struct vmmq_rss *rss,
				 enum vmmq_flow_type type, u8 set,
				 struct netlink_ext_ack *extack)
{
	unsigned int need = vmmq_fields_len(type, set) + 4;

	if (!vmmq_fields_valid(type, set)) {
		vmmq_change_refuse_set(vport, type, set, extack);
		return -EINVAL;
	}
	if (need <= rss->key->size)
		return 0;
	vmmq_refuse(vport->dev, extack,
		    "such fields need a key of %u bytes, this has %u; leave some out",
		    need, rss->key->size);
	return -EOPNOTSUPP;
}

static int vmmq_change_fields(const struct vmmq_vport *vport,
			      struct vmmq_rss *rss, struct vmmq_change *change,
			      struct netlink_ext_ack *extack)
{
	unsigned int type;
	int err;

	if (!change->fields)
		return 0;
	for (type = 0; type < VMMQ_FLOW_TYPES; type++) {
		err = vmmq_change_check_set(vport, rss, type,
					    change->fields[type], extack);
		if (!err)
			continue;
		change->bad = VMMQ_CHANGE_FIELDS;
		change->bad_field = type;
		return err;
	}
	memcpy(rss->fields, change->fields, sizeof(rss->fields));
	return 0;
}

/* A transform asks for field sets that are the same in both directions. */
static int vmmq_change_xfrm(const struct vmmq_vport *vport,
			    struct vmmq_rss *rss, struct vmmq_change *change,
			    struct netlink_ext_ack *extack)
{
	unsigned int type;

	if (change->xfrm != VMMQ_CHANGE_KEEP)
		rss->xfrm = change->xfrm;
	for (type = 0; rss->xfrm && type < VMMQ_FLOW_TYPES; type++) {
		if (vmmq_fields_symmetric(rss->fields[type]))
			continue;
		change->bad = change->fields ? VMMQ_CHANGE_FIELDS :
					       VMMQ_CHANGE_XFRM;
		change->bad_field = type;
		vmmq_refuse(vport->dev, extack,
			    "a symmetric hash needs source with destination and no flow label");
		return -EINVAL;
	}
	return 0;
}

static int vmmq_change_table_queues(const struct vmmq_vport *vport,
				    struct vmmq_rss *rss,
				    struct vmmq_change *change,
				    struct netlink_ext_ack *extack)
{
	u32 i, entries = vmmq_rss_entries(rss);

	if (change->num_values != entries) {
		vmmq_refuse(vport->dev, extack,
			    "%u entries given, the table has %u",
			    change->num_values, entries);
		return -EINVAL;
	}
	for (i = 0; i < entries; i++) {
		if (change->values[i] >= rss->queues) {
			vmmq_refuse(vport->dev, extack,
				    "entry %u names queue %u, not below the %u active; see ethtool -L",
				    i, change->values[i], rss->queues);
			return -EINVAL;
		}
		rss->table[i] = change->values[i];
		vmmq_rss_tracked(rss)[i] = VMMQ_RSS_NO_CPU;
	}
	return 0;
}

static int vmmq_change_table_cpus(const struct vmmq_vport *vport,
				  struct vmmq_rss *rss,
				  struct vmmq_change *change,
				  struct netlink_ext_ack *extack)
{
	u32 i, cpu, entries = vmmq_rss_entries(rss);

	if (!change->num_values || change->num_values > entries) {
		vmmq_refuse(vport->dev, extack,
			    "%u CPUs given, the table has 1 to %u",
			    change->num_values, entries);
		return -EINVAL;
	}
	for (i = 0; i < entries; i++) {
		cpu = change->values[i % change->num_values];
		if (cpu >= VMMQ_RSS_NO_CPU) {
			vmmq_refuse(vport->dev, extack,
				    "entry %u names CPU %u; there is none", i,
				    cpu);
			return -ERANGE;
		}
		vmmq_rss_tracked(rss)[i] = cpu;
	}
	return 0;
}

static int vmmq_change_table(const struct vmmq_vport *vport,
			     struct vmmq_rss *rss, struct vmmq_change *change,
			     struct netlink_ext_ack *extack)
{
	int err = 0;

	change->bad = VMMQ_CHANGE_TABLE;
	switch (change->table) {
	case VMMQ_TABLE_QUEUES:
		err = vmmq_change_table_queues(vport, rss, change, extack);
		break;
	case VMMQ_TABLE_CPUS:
		err = vmmq_change_table_cpus(vport, rss, change, extack);
		break;
	case VMMQ_TABLE_DEFAULT:
		vmmq_rss_set_default_table(rss);
		break;
	case VMMQ_TABLE_KEEP:
		if (!vmmq_rss_user_table(vport) &&
		    (change->queue_pairs || change->entries))
			vmmq_rss_set_default_table(rss);
		break;
	}
	if (!err)
		change->bad = VMMQ_CHANGE_NONE;
	return err;
}

static int vmmq_change_processors(const struct vmmq_vport *vport,
				  struct vmmq_rss *rss,
				  struct vmmq_change *change,
				  struct netlink_ext_ack *extack)
{
	if (change->default_queue >= (int)rss->queues) {
		change->bad = VMMQ_CHANGE_DEFAULT;
		vmmq_refuse(vport->dev, extack,
			    "default queue %d is not below the %u active; see ethtool -L",
			    change->default_queue, rss->queues);
		return -EINVAL;
	}
	if (change->default_queue >= 0) {
		rss->default_queue = change->default_queue;
		rss->default_cpu = VMMQ_RSS_NO_CPU;
	}
	if (change->default_cpu >= 0)
		rss->default_cpu = change->default_cpu;
	if (change->primary_cpu >= 0)
		rss->primary_cpu = change->primary_cpu;
	return 0;
}

/* The parts of a request, in an order that later ones can rely on */
static int vmmq_change_edit(const struct vmmq_vport *vport,
			    struct vmmq_rss *rss, struct vmmq_change *change,
			    struct netlink_ext_ack *extack)
{
	int err;

	if (change->queue_pairs)
		rss->queues = change->queue_pairs;
	if (change->state != VMMQ_STATE_KEEP)
		rss->enabled = change->state == VMMQ_STATE_ON;
	err = vmmq_change_fields(vport, rss, change, extack);
	if (!err)
		err = vmmq_change_xfrm(vport, rss, change, extack);
	if (!err)
		err = vmmq_change_table(vport, rss, change, extack);
	if (!err)
		err = vmmq_change_processors(vport, rss, change, extack);
	if (!err && change->key)
		err = vmmq_rss_set_key(rss, change->key);
	return err;
}

/**
 * vmmq_change_apply() - make the parts of a request in an RSS context
 * @vport: the VPort
 * @rss: the context's parameters, unpublished
 * @change: the request: key, fields, transform, and the table as queues
 * @extack: says why not; NULL: the log does
 *
 * Context: process, RTNL.
 * Return: 0 or a negative errno.
 */
int vmmq_change_apply(const struct vmmq_vport *vport, struct vmmq_rss *rss,
		      struct vmmq_change *change,
		      struct netlink_ext_ack *extack)
{
	int err = vmmq_change_check_hash(vport, change, extack);

	return err ?: vmmq_change_edit(vport, rss, change, extack);
}

/* What a placement that failed is about */
static enum vmmq_change_part vmmq_change_blame(const struct vmmq_change *change)
{
	if (change->table == VMMQ_TABLE_CPUS ||
	    change->table == VMMQ_TABLE_QUEUES)
		return VMMQ_CHANGE_TABLE;
	if (change->default_cpu >= 0)
		return VMMQ_CHANGE_DEFAULT;
	if (change->queue_pairs)
		return VMMQ_CHANGE_QUEUE_PAIRS;
	return VMMQ_CHANGE_STATE;
}

static void vmmq_change_note_user(struct vmmq_vport *vport,
				  const struct vmmq_change *change)
{
	if (change->table != VMMQ_TABLE_KEEP)
		assign_bit(VMMQ_VPORT_USER_TABLE, &vport->flags, change->user);
}

/* Frees the snapshot on failure. */
static int vmmq_change_commit(struct vmmq_vport *vport, struct vmmq_rss *rss,
			      struct vmmq_change *change,
			      struct netlink_ext_ack *extack)
{
	struct vmmq_place place = {};
	int err;

	vmmq_place_track(vport, rss);
	err = vmmq_contexts_check(vport, rss, extack);
	if (!err)
		err = vmmq_place_resolve(vport, rss, &place, extack);
	if (!err)
		err = vmmq_rules_check(vport, rss, extack);
	if (err)
		change->bad = vmmq_change_blame(change);
	else
		err = vmmq_queues_commit(vport, rss, &place);
	if (err)
		vmmq_rss_free(rss);
	return err;
}

static int vmmq_change_check(const struct vmmq_vport *vport,
			     const struct vmmq_rss *old,
			     struct vmmq_change *change,
			     struct netlink_ext_ack *extack)
{
	int err = vmmq_change_check_entries(vport, change, extack);

	if (!err)
		err = vmmq_change_check_count(vport, change, extack);
	if (!err)
		err = vmmq_change_check_hash(vport, change, extack);
	if (!err)
		err = vmmq_change_check_contexts(vport, old, change, extack);
	if (!err)
		err = vmmq_change_check_shrink(vport, old, change, extack);
	if (!err)
		change->bad = VMMQ_CHANGE_NONE;
	if (err || change->table != VMMQ_TABLE_DEFAULT ||
	    !netif_is_rxfh_configured(vport->dev))
		return err;
	change->bad = VMMQ_CHANGE_USER_TABLE;
	vmmq_refuse(vport->dev, extack,
		    "ethtool set the table; ethtool -X %s default takes it back",
		    vport->dev->name);
	return -EBUSY;
}

/**
 * vmmq_change() - carry out a request to change RSS parameters
 * @vport: the VPort, up or down
 * @change: the request
 * @extack: says why not; NULL: the log does
 *
 * No frame is lost and no flow reordered. It holds for the frames sent after
 * this has returned. Announced by the control family.
 *
 * Context: process, RTNL. Waits for a grace period only if the number of queue
 * pairs shrinks.
 * Return: 0, or a negative errno and nothing has changed.
 */
int vmmq_change(struct vmmq_vport *vport, struct vmmq_change *change,
		struct netlink_ext_ack *extack)
{
	const struct vmmq_rss *old = vmmq_rss_get(vport);
	struct vmmq_rss *rss;
	int err;

	ASSERT_RTNL();
	err = vmmq_change_check(vport, old, change, extack);
	if (err)
		return err;
	err = vmmq_queues_alloc(vport, change->queue_pairs);
	if (err)
		return err;
	rss = vmmq_rss_clone(old, change->entries ?: vmmq_rss_entries(old));
	if (!rss)
		return -ENOMEM;
	err = vmmq_change_edit(vport, rss, change, extack);
	if (err) {
		vmmq_rss_free(rss);
		return err;
	}
	err = vmmq_change_commit(vport, rss, change, extack);
	if (err)
		return err;
	vmmq_change_note_user(vport, change);
	if (!change->silent)
		vmmq_nl_announce_rss(vport);
	/* A VPort shows how many queue pairs are in use, one while RSS is off. */
	if (change->queue_pairs || change->state != VMMQ_STATE_KEEP)
		vmmq_nl_announce_vport(vport, VMMQ_CMD_VPORT_CHANGE_NTF);
	return 0;
}

static u16 vmmq_repoint_now(const struct vmmq_vport *vport,
			    const struct vmmq_rss *rss,
			    const struct vmmq_repoint *move)
{
	u16 queue, tracked;

	switch (move->kind) {
	case VMMQ_REPOINT_DEFAULT:
		queue = rss->default_queue;
		tracked = rss->default_cpu;
		break;
	case VMMQ_REPOINT_PRIMARY:
		queue = rss->primary_queue;
		tracked = rss->primary_cpu;
		break;
	default:
		queue = rss->table[move->index];
		tracked = vmmq_rss_tracked(rss)[move->index];
		break;
	}
	return tracked != VMMQ_RSS_NO_CPU ? tracked :
	       vmmq_place_cpu(vport, NULL, queue);
}

static int vmmq_repoint_stale(const struct vmmq_vport *vport,
			      const struct vmmq_repoint *move,
			      struct netlink_ext_ack *extack)
{
	if (move->kind == VMMQ_REPOINT_ENTRY)
		vmmq_refuse(vport->dev, extack,
			    "entry %u is on CPU %u, not on CPU %d",
			    move->index, move->was, move->from);
	else
		vmmq_refuse(vport->dev, extack,
			    "the %s processor is CPU %u, not CPU %d",
			    move->kind == VMMQ_REPOINT_DEFAULT ? "default" :
								 "primary",
			    move->was, move->from);
	return -ESTALE;
}

/* Against what the moves before it in the group have made of the snapshot */
static int vmmq_repoint_check(const struct vmmq_vport *vport,
			      const struct vmmq_rss *rss,
			      struct vmmq_repoint *move,
			      struct netlink_ext_ack *extack)
{
	if (move->kind == VMMQ_REPOINT_ENTRY &&
	    move->index >= vmmq_rss_entries(rss)) {
		vmmq_refuse(vport->dev, extack, "entry %u: the table has %u",
			    move->index, vmmq_rss_entries(rss));
		return -EINVAL;
	}
	move->was = vmmq_repoint_now(vport, rss, move);
	if (move->from < 0 || move->from == move->was)
		return 0;
	return vmmq_repoint_stale(vport, move, extack);
}

static void vmmq_repoint_edit(struct vmmq_rss *rss,
			      const struct vmmq_repoint *move)
{
	switch (move->kind) {
	case VMMQ_REPOINT_DEFAULT:
		rss->default_cpu = move->cpu;
		break;
	case VMMQ_REPOINT_PRIMARY:
		rss->primary_cpu = move->cpu;
		break;
	default:
		vmmq_rss_tracked(rss)[move->index] = move->cpu;
		break;
	}
}

/* A move to where it points already changes nothing. */
static int vmmq_repoint_edit_all(const struct vmmq_vport *vport,
				 struct vmmq_rss *rss,
				 struct vmmq_repoint *moves, unsigned int count,
				 struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	for (i = 0; i < count; i++) {
		err = vmmq_repoint_check(vport, rss, &moves[i], extack);
		if (err)
			return err;
		if (moves[i].cpu != moves[i].was)
			vmmq_repoint_edit(rss, &moves[i]);
	}
	return 0;
}

/* What a group changes: with @entries, whether it changes the table */
static bool vmmq_repoint_changes(const struct vmmq_repoint *moves,
				 unsigned int count, bool entries)
{
	for (; count--; moves++) {
		if (moves->cpu != moves->was &&
		    (!entries || moves->kind == VMMQ_REPOINT_ENTRY))
			return true;
	}
	return false;
}

/**
 * vmmq_repoint() - re-point entries and processors to other CPUs
 * @vport: the VPort, up or down
 * @moves: what to re-point
 * @count: length of @moves
 * @extack: says why not
 *
 * They are carried out one after the other; the limit of queue pairs holds for
 * the end of all. Not announced.
 *
 * Context: process, RTNL. Waits for no grace period.
 * Return: 1; 0 if all point there already; or a negative errno and nothing has
 * changed.
 */
int vmmq_repoint(struct vmmq_vport *vport, struct vmmq_repoint *moves,
		 unsigned int count, struct netlink_ext_ack *extack)
{
	struct vmmq_change none = VMMQ_CHANGE_INIT;
	struct vmmq_rss *rss;
	int err;

	ASSERT_RTNL();
	rss = vmmq_rss_copy(vmmq_rss_get(vport));
	if (!rss)
		return -ENOMEM;
	err = vmmq_repoint_edit_all(vport, rss, moves, count, extack);
	if (err || !vmmq_repoint_changes(moves, count, false)) {
		vmmq_rss_free(rss);
		return err;
	}
	err = vmmq_change_commit(vport, rss, &none, extack);
	if (err)
		return err;
	if (vmmq_repoint_changes(moves, count, true))
		set_bit(VMMQ_VPORT_USER_TABLE, &vport->flags);
	return 1;
}
