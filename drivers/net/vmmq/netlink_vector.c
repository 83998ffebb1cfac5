// SPDX-License-Identifier: GPL-2.0
/* The control family's operations on vectors. */
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "netlink.h"
#include "queue.h"
#include "vector.h"
#include "vport.h"

#define VMMQ_NL_VECTOR_SIZE	(NLMSG_DEFAULT_SIZE + vmmq_nl_cpus_size())

/* RTNL. Active queue pairs bound to a vector. */
static u32 vmmq_nl_count_queues(const struct vmmq_vector *vector)
{
	const struct vmmq_adapter *adapter = vector->adapter;
	const struct vmmq_vport *vport;
	unsigned int id, i, count = 0;

	for (id = 0; id < VMMQ_MAX_VPORTS; id++) {
		vport = rtnl_dereference(adapter->nicswitch.vports[id]);
		for (i = 0; vport && i < vport->num_queues; i++)
			count += vport->queues[i]->vector == vector;
	}
	return count;
}

static int vmmq_nl_fill_vector(struct sk_buff *msg, const void *object)
{
	const struct vmmq_vector *vector = object;

	if (nla_put_string(msg, VMMQ_A_VECTOR_ADAPTER,
			   vmmq_adapter_name(vector->adapter)) ||
	    nla_put_u32(msg, VMMQ_A_VECTOR_INDEX, vector->index) ||
	    nla_put_u32(msg, VMMQ_A_VECTOR_IRQ, vector->irq) ||
	    nla_put_string(msg, VMMQ_A_VECTOR_NAME, vector->name) ||
	    nla_put_u32(msg, VMMQ_A_VECTOR_CPU, READ_ONCE(vector->cpu)) ||
	    vmmq_nl_put_cpus(msg, VMMQ_A_VECTOR_AFFINITY, vector->wanted) ||
	    nla_put_u32(msg, VMMQ_A_VECTOR_QUEUES,
			vmmq_nl_count_queues(vector)))
		return -EMSGSIZE;
	return 0;
}

static struct vmmq_vector *vmmq_nl_find_vector(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VECTOR_INDEX];
	struct vmmq_adapter *adapter;

	adapter = vmmq_nl_find_adapter(info, VMMQ_A_VECTOR_ADAPTER);
	if (IS_ERR(adapter))
		return ERR_CAST(adapter);
	if (!attr) {
		GENL_SET_ERR_MSG(info, "the vector's index is missing");
		return ERR_PTR(-EINVAL);
	}
	if (nla_get_u32(attr) < adapter->num_vectors)
		return &adapter->vectors[nla_get_u32(attr)];
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"%s has vectors 0 to %u only",
				vmmq_adapter_name(adapter),
				adapter->num_vectors - 1);
	return ERR_PTR(-ENOENT);
}

static int vmmq_nl_vector_get(struct genl_info *info)
{
	struct vmmq_vector *vector;

	vector = vmmq_nl_find_vector(info);
	if (IS_ERR(vector))
		return PTR_ERR(vector);
	return vmmq_nl_answer(info, VMMQ_NL_VECTOR_SIZE, vmmq_nl_fill_vector,
			      vector);
}

int vmmq_nl_vector_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_show(info, vmmq_nl_vector_get);
}

int vmmq_nl_vector_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return vmmq_nl_dump_vectors(skb, cb, VMMQ_CMD_VECTOR_GET,
				    vmmq_nl_fill_vector);
}

static void vmmq_nl_announce_vector(const struct vmmq_vector *vector)
{
	vmmq_nl_announce(vector->adapter,
			 VMMQ_CMD_VECTOR_CHANGE_NTF, VMMQ_NL_VECTOR_SIZE,
			 vmmq_nl_fill_vector, vector);
}

static int vmmq_nl_parse_affinity(struct genl_info *info,
				  const struct vmmq_adapter *adapter,
				  struct cpumask *cpus)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_VECTOR_AFFINITY];

	if (!attr) {
		GENL_SET_ERR_MSG(info, "the affinity is missing");
		return -EINVAL;
	}
	if (cpulist_parse(nla_data(attr), cpus)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "not a list of CPUs, such as 0-3,8");
		return -EINVAL;
	}
	cpumask_and(cpus, cpus, adapter->cpus);
	if (cpumask_intersects(cpus, cpu_online_mask))
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"none of these CPUs is online and in the processor set of %s",
				vmmq_adapter_name(adapter));
	return -ERANGE;
}

static int vmmq_nl_vector_set(struct genl_info *info, struct cpumask *cpus)
{
	struct vmmq_vector *vector = vmmq_nl_find_vector(info);
	int err;

	if (IS_ERR(vector))
		return PTR_ERR(vector);
	err = vmmq_nl_parse_affinity(info, vector->adapter, cpus);
	if (!err)
		err = irq_set_affinity(vector->irq, cpus);
	if (!err)
		vmmq_nl_announce_vector(vector);
	return err;
}

int vmmq_nl_vector_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = vmmq_nl_check_admin(skb, info);
	cpumask_var_t cpus;

	if (err)
		return err;
	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return vmmq_nl_said(info, -ENOMEM);
	rtnl_lock();
	err = vmmq_nl_vector_set(info, cpus);
	rtnl_unlock();
	free_cpumask_var(cpus);
	return vmmq_nl_said(info, err);
}
