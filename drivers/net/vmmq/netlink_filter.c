// SPDX-License-Identifier: GPL-2.0
/* The control family's operations on filters. */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "filter.h"
#include "netlink.h"
#include "vport.h"

#define VMMQ_NL_FILTER_SIZE						\
	(nla_total_size(VMMQ_ADAPTER_NAME) + nla_total_size(IFNAMSIZ) +	\
	 nla_total_size(ETH_ALEN) + 4 * nla_total_size(sizeof(u32)))

static int vmmq_nl_fill_filter(struct sk_buff *msg, const void *object)
{
	const struct vmmq_filter_info *filter = object;

	if (vmmq_nl_put_vport_name(msg, filter->vport) ||
	    nla_put(msg, VMMQ_A_FILTER_MAC, ETH_ALEN, filter->mac) ||
	    (filter->vid != VMMQ_VID_ANY &&
	     nla_put_u32(msg, VMMQ_A_FILTER_VLAN, filter->vid)) ||
	    (!filter->user && nla_put_flag(msg, VMMQ_A_FILTER_DEVICE)))
		return -EMSGSIZE;
	return 0;
}

/**
 * vmmq_nl_announce_filter() - say that a filter came, moved or went
 * @filter: the filter
 * @cmd: the notification
 *
 * Context: any with BH allowed or disabled.
 */
void vmmq_nl_announce_filter(const struct vmmq_filter_info *filter, u8 cmd)
{
	vmmq_nl_announce_atomic(filter->vport->adapter, cmd,
				VMMQ_NL_FILTER_SIZE, vmmq_nl_fill_filter,
				filter);
}

/* The (MAC, VLAN) of a request */
static int vmmq_nl_parse_filter(struct genl_info *info,
				struct vmmq_filter_info *filter)
{
	const struct nlattr *mac = info->attrs[VMMQ_A_FILTER_MAC];
	const struct nlattr *vlan = info->attrs[VMMQ_A_FILTER_VLAN];

	if (!mac) {
		GENL_SET_ERR_MSG(info, "the filter's mac is missing");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(nla_data(mac))) {
		NL_SET_ERR_MSG_ATTR(info->extack, mac,
				    "not a unicast address; groups follow the net device");
		return -EADDRNOTAVAIL;
	}
	ether_addr_copy(filter->mac, nla_data(mac));
	filter->vid = vlan ? nla_get_u32(vlan) : VMMQ_VID_ANY;
	return 0;
}

static int vmmq_nl_no_filter(struct genl_info *info,
			     const struct vmmq_filter_info *filter)
{
	const struct nlattr *mac = info->attrs[VMMQ_A_FILTER_MAC];

	if (filter->vid == VMMQ_VID_ANY)
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, mac,
					"no filter for %pM in any VLAN",
					filter->mac);
	else
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, mac,
					"no filter for %pM in VLAN %u",
					filter->mac, filter->vid);
	return -ENOENT;
}

/* The VPort is optional, the adapter is not; both have to fit the filter. */
static int vmmq_nl_find_filter(struct genl_info *info,
			       struct vmmq_filter_info *filter)
{
	struct vmmq_vport *vport = NULL;
	struct vmmq_adapter *adapter;
	int err;

	if (vmmq_nl_names_vport(info)) {
		vport = vmmq_nl_find_vport(info);
		if (IS_ERR(vport))
			return PTR_ERR(vport);
		adapter = vport->adapter;
	} else {
		adapter = vmmq_nl_find_adapter(info, VMMQ_A_FILTER_ADAPTER);
	}
	if (IS_ERR(adapter))
		return PTR_ERR(adapter);
	err = vmmq_nl_parse_filter(info, filter);
	if (err)
		return err;
	if (!vmmq_filter_lookup(&adapter->nicswitch, filter->mac, filter->vid,
				filter))
		return vmmq_nl_no_filter(info, filter);
	if (!vport || vport == filter->vport)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, info->attrs[VMMQ_A_FILTER_MAC],
				"the filter selects %s, not %s",
				filter->vport->dev->name, vport->dev->name);
	return -ENOENT;
}

/* A filter that follows an address of the device is not the family's. */
static int vmmq_nl_find_user_filter(struct genl_info *info,
				    struct vmmq_filter_info *filter)
{
	int err = vmmq_nl_find_filter(info, filter);

	if (err || filter->user)
		return err;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, info->attrs[VMMQ_A_FILTER_MAC],
				"follows an address of %s; change it with ip link",
				filter->vport->dev->name);
	return -EBUSY;
}

static int vmmq_nl_filter_get(struct genl_info *info)
{
	struct vmmq_filter_info filter;
	int err;

	err = vmmq_nl_find_filter(info, &filter);
	if (!err)
		err = vmmq_nl_answer(info, VMMQ_NL_FILTER_SIZE,
				     vmmq_nl_fill_filter, &filter);
	return err;
}

int vmmq_nl_filter_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_show(info, vmmq_nl_filter_get);
}

int vmmq_nl_filter_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return vmmq_nl_dump_filters(skb, cb, VMMQ_CMD_FILTER_GET,
				    vmmq_nl_fill_filter);
}

static int vmmq_nl_check_vlan(struct genl_info *info,
			      const struct vmmq_adapter *adapter)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_FILTER_VLAN];

	if (!attr || vmmq_adapter_can(adapter, VMMQ_CAPABILITY_VLAN_FILTER))
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr, "%s can't filter by VLAN",
				vmmq_adapter_name(adapter));
	return -EOPNOTSUPP;
}

static void vmmq_nl_filter_exists(struct genl_info *info,
				  struct vmmq_adapter *adapter,
				  const struct vmmq_filter_info *filter)
{
	const struct nlattr *mac = info->attrs[VMMQ_A_FILTER_MAC];
	struct vmmq_filter_info old;

	if (!vmmq_filter_lookup(&adapter->nicswitch, filter->mac, filter->vid,
				&old))
		return;
	if (old.user)
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, mac,
					"the filter selects %s already; see filter-move",
					old.vport->dev->name);
	else
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, mac,
					"the filter follows an address of %s; see ip link",
					old.vport->dev->name);
}

static int vmmq_nl_filter_new(struct genl_info *info)
{
	struct vmmq_vport *vport = vmmq_nl_find_vport(info);
	struct vmmq_filter_info filter;
	int err;

	if (IS_ERR(vport))
		return PTR_ERR(vport);
	err = vmmq_nl_parse_filter(info, &filter);
	if (!err)
		err = vmmq_nl_check_vlan(info, vport->adapter);
	if (err)
		return err;
	err = vmmq_filter_user_add(vport, filter.mac, filter.vid);
	if (err == -EEXIST)
		vmmq_nl_filter_exists(info, vport->adapter, &filter);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG_FMT(info->extack,
				   "pool of filters of %s: all %u in use",
				   vmmq_adapter_name(vport->adapter),
				   vport->adapter->config.max_filters);
	return err;
}

int vmmq_nl_filter_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_change(skb, info, vmmq_nl_filter_new);
}

static int vmmq_nl_filter_move(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_FILTER_TO];
	struct vmmq_filter_info filter;
	struct vmmq_vport *to;
	int err;

	err = vmmq_nl_find_user_filter(info, &filter);
	if (err)
		return err;
	if (!attr) {
		GENL_SET_ERR_MSG(info,
				 "the VPort that gets the filter is missing (to)");
		return -EINVAL;
	}
	to = rtnl_dereference(filter.vport->adapter->nicswitch.vports[nla_get_u32(attr)]);
	if (!to) {
		NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
					"%s has no VPort %u; vport-get lists them",
					vmmq_adapter_name(filter.vport->adapter),
					nla_get_u32(attr));
		return -ENODEV;
	}
	if (to == filter.vport)
		return 0;
	vmmq_filter_user_move(to, filter.mac, filter.vid);
	return 0;
}

int vmmq_nl_filter_move_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_change(skb, info, vmmq_nl_filter_move);
}

static int vmmq_nl_filter_del(struct genl_info *info)
{
	struct vmmq_filter_info filter;
	int err = vmmq_nl_find_user_filter(info, &filter);

	if (err)
		return err;
	vmmq_filter_user_del(&filter.vport->adapter->nicswitch, filter.mac,
			     filter.vid);
	return 0;
}

int vmmq_nl_filter_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_change(skb, info, vmmq_nl_filter_del);
}
