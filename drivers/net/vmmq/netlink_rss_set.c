// SPDX-License-Identifier: GPL-2.0
/* The control family's changes of RSS parameters. */
#include <linux/ethtool_netlink.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "adapter.h"
#include "change.h"
#include "flow.h"
#include "netlink.h"
#include "rss.h"
#include "vport.h"

/* Returns true if only one of two attributes is there, or none. */
static bool vmmq_nl_either(struct genl_info *info, unsigned int a,
			   unsigned int b)
{
	if (!info->attrs[a] || !info->attrs[b])
		return true;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[b],
			    "two attributes of the request say the same thing");
	return false;
}

static int vmmq_nl_parse_fields(struct genl_info *info,
				const struct vmmq_rss *rss, u8 *fields)
{
	struct nlattr *sets[VMMQ_A_FIELDS_MAX + 1];
	unsigned int type;
	int err;

	memcpy(fields, rss->fields, VMMQ_FLOW_TYPES);
	if (info->attrs[VMMQ_A_RSS_TYPES])
		return vmmq_types_to_fields(nla_get_u32(info->attrs[VMMQ_A_RSS_TYPES]),
					    fields);
	err = vmmq_nl_parse_nest(sets, VMMQ_A_FIELDS_MAX,
				 info->attrs[VMMQ_A_RSS_FIELDS],
				 vmmq_fields_nl_policy, info->extack);
	if (err)
		return err;
	for (type = 0; type < VMMQ_FLOW_TYPES; type++)
		if (sets[VMMQ_A_FIELDS_IPV4 + type])
			fields[type] =
				nla_get_u32(sets[VMMQ_A_FIELDS_IPV4 + type]);
	return 0;
}

static int vmmq_nl_parse_key(struct genl_info *info, const struct vmmq_rss *rss,
			     struct vmmq_change *change)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_RSS_KEY];

	if (!attr)
		return 0;
	if (nla_len(attr) == rss->key->size) {
		change->key = nla_data(attr);
		return 0;
	}
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, attr,
				"a key of %d bytes; this adapter's have %u",
				nla_len(attr), rss->key->size);
	return -EINVAL;
}

static int vmmq_nl_parse_table(struct genl_info *info,
			       struct vmmq_change *change)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_RSS_QUEUES];

	change->user = true;
	change->table = attr ? VMMQ_TABLE_QUEUES : VMMQ_TABLE_CPUS;
	if (!attr)
		attr = info->attrs[VMMQ_A_RSS_CPUS];
	if (!attr) {
		change->table = VMMQ_TABLE_KEEP;
		return 0;
	}
	if (nla_len(attr) % sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the table is not a list of 32-bit numbers");
		return -EINVAL;
	}
	change->values = nla_data(attr);
	change->num_values = nla_len(attr) / sizeof(u32);
	return 0;
}

static int vmmq_nl_parse_user_table(struct genl_info *info,
				    struct vmmq_change *change)
{
	const struct nlattr *attr = info->attrs[VMMQ_A_RSS_USER_TABLE];

	if (!attr)
		return 0;
	if (nla_get_u32(attr) || change->table != VMMQ_TABLE_KEEP) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "user-table can only be 0, and without a table");
		return -EINVAL;
	}
	change->table = VMMQ_TABLE_DEFAULT;
	change->user = false;
	return 0;
}

static void vmmq_nl_parse_numbers(struct genl_info *info,
				  struct vmmq_change *change)
{
	struct nlattr **attrs = info->attrs;

	if (attrs[VMMQ_A_RSS_STATE])
		change->state = nla_get_u32(attrs[VMMQ_A_RSS_STATE]) ==
				VMMQ_RSS_STATE_ON ? VMMQ_STATE_ON :
						    VMMQ_STATE_OFF;
	if (attrs[VMMQ_A_RSS_ENTRIES])
		change->entries = nla_get_u32(attrs[VMMQ_A_RSS_ENTRIES]);
	if (attrs[VMMQ_A_RSS_QUEUE_PAIRS])
		change->queue_pairs = nla_get_u32(attrs[VMMQ_A_RSS_QUEUE_PAIRS]);
	if (attrs[VMMQ_A_RSS_DEFAULT_QUEUE])
		change->default_queue =
			nla_get_u32(attrs[VMMQ_A_RSS_DEFAULT_QUEUE]);
	if (attrs[VMMQ_A_RSS_DEFAULT_CPU])
		change->default_cpu =
			nla_get_u32(attrs[VMMQ_A_RSS_DEFAULT_CPU]);
	if (attrs[VMMQ_A_RSS_INPUT_XFRM])
		change->xfrm = nla_get_u32(attrs[VMMQ_A_RSS_INPUT_XFRM]);
	if (attrs[VMMQ_A_RSS_PRIMARY_CPU])
		change->primary_cpu =
			nla_get_u32(attrs[VMMQ_A_RSS_PRIMARY_CPU]);
}

static int vmmq_nl_parse_change(struct genl_info *info,
				const struct vmmq_rss *rss,
				struct vmmq_change *change, u8 *fields)
{
	int err;

	if (!vmmq_nl_either(info, VMMQ_A_RSS_TYPES, VMMQ_A_RSS_FIELDS) ||
	    !vmmq_nl_either(info, VMMQ_A_RSS_QUEUES, VMMQ_A_RSS_CPUS) ||
	    !vmmq_nl_either(info, VMMQ_A_RSS_DEFAULT_QUEUE,
			    VMMQ_A_RSS_DEFAULT_CPU))
		return -EINVAL;
	if (info->attrs[VMMQ_A_RSS_TYPES] || info->attrs[VMMQ_A_RSS_FIELDS]) {
		err = vmmq_nl_parse_fields(info, rss, fields);
		if (err)
			return err;
		change->fields = fields;
	}
	err = vmmq_nl_parse_key(info, rss, change);
	if (!err)
		err = vmmq_nl_parse_table(info, change);
	if (!err)
		err = vmmq_nl_parse_user_table(info, change);
	vmmq_nl_parse_numbers(info, change);
	return err;
}

/* The nested attribute of a flow type's field set, else the nest */
static const struct nlattr *vmmq_nl_bad_field(struct genl_info *info,
					      unsigned int type)
{
	const struct nlattr *nest = info->attrs[VMMQ_A_RSS_FIELDS];
	const struct nlattr *field;

	if (!nest)
		return info->attrs[VMMQ_A_RSS_TYPES];
	field = nla_find_nested(nest, VMMQ_A_FIELDS_IPV4 + type);
	return field ?: nest;
}

/* Points the refusal at the attribute it is about. */
static void vmmq_nl_point(struct genl_info *info,
			  const struct vmmq_change *change)
{
	struct nlattr **attrs = info->attrs;
	const struct nlattr *bad = NULL;

	switch (change->bad) {
	case VMMQ_CHANGE_FIELDS:
		bad = vmmq_nl_bad_field(info, change->bad_field);
		break;
	case VMMQ_CHANGE_KEY:
		bad = attrs[VMMQ_A_RSS_KEY];
		break;
	case VMMQ_CHANGE_ENTRIES:
		bad = attrs[VMMQ_A_RSS_ENTRIES];
		break;
	case VMMQ_CHANGE_TABLE:
		bad = attrs[VMMQ_A_RSS_QUEUES] ?: attrs[VMMQ_A_RSS_CPUS];
		break;
	case VMMQ_CHANGE_DEFAULT:
		bad = attrs[VMMQ_A_RSS_DEFAULT_QUEUE] ?:
		      attrs[VMMQ_A_RSS_DEFAULT_CPU];
		break;
	case VMMQ_CHANGE_QUEUE_PAIRS:
		bad = attrs[VMMQ_A_RSS_QUEUE_PAIRS];
		break;
	case VMMQ_CHANGE_USER_TABLE:
		bad = attrs[VMMQ_A_RSS_USER_TABLE];
		break;
	case VMMQ_CHANGE_STATE:
		bad = attrs[VMMQ_A_RSS_STATE] ?: attrs[VMMQ_A_RSS_PRIMARY_CPU];
		break;
	case VMMQ_CHANGE_XFRM:
		bad = attrs[VMMQ_A_RSS_INPUT_XFRM];
		break;
	case VMMQ_CHANGE_NONE:
		break;
	}
	NL_SET_BAD_ATTR(info->extack, bad);
}

static int vmmq_nl_rss_set(struct genl_info *info)
{
	struct vmmq_vport *vport = vmmq_nl_find_vport(info);
	struct vmmq_change change = VMMQ_CHANGE_INIT;
	u8 fields[VMMQ_FLOW_TYPES];
	int err;

	if (IS_ERR(vport))
		return PTR_ERR(vport);
	err = vmmq_nl_parse_change(info, vmmq_rss_get(vport), &change, fields);
	if (err)
		return err;
	err = vmmq_change(vport, &change, info->extack);
	if (err)
		vmmq_nl_point(info, &change);
	else
		ethtool_notify(vport->dev, ETHTOOL_MSG_RSS_NTF);
	return err;
}

int vmmq_nl_rss_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vmmq_nl_change(skb, info, vmmq_nl_rss_set);
}
