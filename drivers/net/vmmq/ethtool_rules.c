// SPDX-License-Identifier: GPL-2.0
/*
 * The ntuple part of a VPort's ethtool operations. It translates between
 * ethtool's flow specifications and the rules of rules.c and keeps nothing
 * itself. A bit that is set in a mask is compared.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "context.h"
#include "ethtool_rss.h"
#include "rss.h"
#include "rules.h"
#include "vport.h"

/* A flow specification on its way to a rule */
struct vmmq_spec {
	const struct net_device *dev;
	const struct ethtool_rx_flow_spec *fs;
	struct vmmq_rule *rule;
};

/* One field: where it is in the tuple, its value and its mask */
static void vmmq_spec_put(struct vmmq_spec *spec, size_t offset,
			  const void *value, const void *mask, size_t len)
{
	memcpy((u8 *)&spec->rule->value + offset, value, len);
	memcpy((u8 *)&spec->rule->fields + offset, mask, len);
}

static void vmmq_spec_put_byte(struct vmmq_spec *spec, size_t offset, u8 value)
{
	static const u8 all = 0xff;

	vmmq_spec_put(spec, offset, &value, &all, 1);
}

#define VMMQ_PUT(spec, field, value, mask)				\
	vmmq_spec_put(spec, offsetof(struct vmmq_tuple, field),	\
		      &(value), &(mask), sizeof(value))
#define VMMQ_PUT_BYTE(spec, field, value)				\
	vmmq_spec_put_byte(spec, offsetof(struct vmmq_tuple, field), value)

static int vmmq_spec_ether(struct vmmq_spec *spec)
{
	const struct ethhdr *h = &spec->fs->h_u.ether_spec;
	const struct ethhdr *m = &spec->fs->m_u.ether_spec;

	VMMQ_PUT(spec, dst_mac, h->h_dest, m->h_dest);
	VMMQ_PUT(spec, src_mac, h->h_source, m->h_source);
	VMMQ_PUT(spec, ethertype, h->h_proto, m->h_proto);
	if (m->h_proto != htons(0xffff) || !eth_type_vlan(h->h_proto))
		return 0;
	vmmq_refuse(spec->dev, NULL,
		    "proto is what is behind the tags; for tags there are vlan and vlan-etype");
	return -EOPNOTSUPP;
}

static void vmmq_spec_ports(struct vmmq_spec *spec, const __be16 h[2],
			    const __be16 m[2])
{
	vmmq_spec_put(spec, offsetof(struct vmmq_tuple, ports), h, m,
		      2 * sizeof(*h));
	if (m[0] || m[1])
		VMMQ_PUT_BYTE(spec, has_ports, 1);
}

static void vmmq_spec_transport4(struct vmmq_spec *spec, u8 proto)
{
	const struct ethtool_tcpip4_spec *h = &spec->fs->h_u.tcp_ip4_spec;
	const struct ethtool_tcpip4_spec *m = &spec->fs->m_u.tcp_ip4_spec;
	const __be16 ports[] = { h->psrc, h->pdst };
	const __be16 masks[] = { m->psrc, m->pdst };

	VMMQ_PUT_BYTE(spec, version, 4);
	VMMQ_PUT_BYTE(spec, transport, proto);
	VMMQ_PUT(spec, src, h->ip4src, m->ip4src);
	VMMQ_PUT(spec, dst, h->ip4dst, m->ip4dst);
	VMMQ_PUT(spec, tos, h->tos, m->tos);
	vmmq_spec_ports(spec, ports, masks);
}

static void vmmq_spec_transport6(struct vmmq_spec *spec, u8 proto)
{
	const struct ethtool_tcpip6_spec *h = &spec->fs->h_u.tcp_ip6_spec;
	const struct ethtool_tcpip6_spec *m = &spec->fs->m_u.tcp_ip6_spec;
	const __be16 ports[] = { h->psrc, h->pdst };
	const __be16 masks[] = { m->psrc, m->pdst };

	VMMQ_PUT_BYTE(spec, version, 6);
	VMMQ_PUT_BYTE(spec, transport, proto);
	VMMQ_PUT(spec, src, h->ip6src, m->ip6src);
	VMMQ_PUT(spec, dst, h->ip6dst, m->ip6dst);
	VMMQ_PUT(spec, tos, h->tclass, m->tclass);
	vmmq_spec_ports(spec, ports, masks);
}

static void vmmq_spec_word(struct vmmq_spec *spec, __be32 h, __be32 m)
{
	VMMQ_PUT(spec, ports, h, m);
	if (m)
		VMMQ_PUT_BYTE(spec, has_ports, 1);
}

static int vmmq_spec_ip4(struct vmmq_spec *spec)
{
	const struct ethtool_usrip4_spec *h = &spec->fs->h_u.usr_ip4_spec;
	const struct ethtool_usrip4_spec *m = &spec->fs->m_u.usr_ip4_spec;

	if (m->ip_ver) {
		vmmq_refuse(spec->dev, NULL,
			    "rules of this flow type are IPv4; leave the version out");
		return -EINVAL;
	}
	VMMQ_PUT_BYTE(spec, version, 4);
	VMMQ_PUT(spec, src, h->ip4src, m->ip4src);
	VMMQ_PUT(spec, dst, h->ip4dst, m->ip4dst);
	VMMQ_PUT(spec, tos, h->tos, m->tos);
	VMMQ_PUT(spec, proto, h->proto, m->proto);
	vmmq_spec_word(spec, h->l4_4_bytes, m->l4_4_bytes);
	return 0;
}

static int vmmq_spec_ip6(struct vmmq_spec *spec)
{
	const struct ethtool_usrip6_spec *h = &spec->fs->h_u.usr_ip6_spec;
	const struct ethtool_usrip6_spec *m = &spec->fs->m_u.usr_ip6_spec;

	VMMQ_PUT_BYTE(spec, version, 6);
	VMMQ_PUT(spec, src, h->ip6src, m->ip6src);
	VMMQ_PUT(spec, dst, h->ip6dst, m->ip6dst);
	VMMQ_PUT(spec, tos, h->tclass, m->tclass);
	VMMQ_PUT(spec, proto, h->l4_proto, m->l4_proto);
	vmmq_spec_word(spec, h->l4_4_bytes, m->l4_4_bytes);
	return 0;
}

static int vmmq_spec_flow(struct vmmq_spec *spec)
{
	u32 type = spec->fs->flow_type & ~(FLOW_EXT | FLOW_MAC_EXT | FLOW_RSS);

	switch (type) {
	case ETHER_FLOW:
		return vmmq_spec_ether(spec);
	case TCP_V4_FLOW:
		vmmq_spec_transport4(spec, IPPROTO_TCP);
		return 0;
	case UDP_V4_FLOW:
		vmmq_spec_transport4(spec, IPPROTO_UDP);
		return 0;
	case SCTP_V4_FLOW:
		vmmq_spec_transport4(spec, IPPROTO_SCTP);
		return 0;
	case TCP_V6_FLOW:
		vmmq_spec_transport6(spec, IPPROTO_TCP);
		return 0;
	case UDP_V6_FLOW:
		vmmq_spec_transport6(spec, IPPROTO_UDP);
		return 0;
	case SCTP_V6_FLOW:
		vmmq_spec_transport6(spec, IPPROTO_SCTP);
		return 0;
	case IP_USER_FLOW:
		return vmmq_spec_ip4(spec);
	case IPV6_USER_FLOW:
		return vmmq_spec_ip6(spec);
	}
	vmmq_refuse(spec->dev, NULL,
		    "no rules of flow type %u; use ether, ip4, ip6, or tcp, udp, sctp over these",
		    type);
	return -EOPNOTSUPP;
}

static int vmmq_spec_ext(struct vmmq_spec *spec)
{
	const struct ethtool_flow_ext *h = &spec->fs->h_ext;
	const struct ethtool_flow_ext *m = &spec->fs->m_ext;

	if (spec->fs->flow_type & FLOW_MAC_EXT &&
	    !is_zero_ether_addr(m->h_dest))
		VMMQ_PUT(spec, dst_mac, h->h_dest, m->h_dest);
	if (!(spec->fs->flow_type & FLOW_EXT))
		return 0;
	if (m->data[0] || m->data[1]) {
		vmmq_refuse(spec->dev, NULL,
			    "rules have no user-def; use fields of the frame");
		return -EOPNOTSUPP;
	}
	VMMQ_PUT(spec, vlan_tci, h->vlan_tci, m->vlan_tci);
	VMMQ_PUT(spec, vlan_type, h->vlan_etype, m->vlan_etype);
	if (m->vlan_tci || m->vlan_etype)
		VMMQ_PUT_BYTE(spec, tagged, 1);
	return 0;
}

static int vmmq_spec_queue(struct vmmq_spec *spec)
{
	u64 cookie = spec->fs->ring_cookie;

	if (cookie == RX_CLS_FLOW_WAKE) {
		vmmq_refuse(spec->dev, NULL,
			    "no wake-on-LAN; use a queue, a context or action -1 to drop");
		return -EOPNOTSUPP;
	}
	if (cookie >= VMMQ_MAX_QUEUES) {
		vmmq_refuse(spec->dev, NULL,
			    "action 0x%llx is no queue; VPorts have up to %u and no VFs",
			    cookie, VMMQ_MAX_QUEUES);
		return -EINVAL;
	}
	spec->rule->queue = cookie;
	return 0;
}

static int vmmq_spec_action(struct vmmq_spec *spec, u32 context)
{
	struct vmmq_rule *rule = spec->rule;

	if (spec->fs->ring_cookie == RX_CLS_FLOW_DISC) {
		rule->action = VMMQ_RULE_DROP;
		return 0;
	}
	rule->action = VMMQ_RULE_QUEUE;
	if (spec->fs->flow_type & FLOW_RSS) {
		rule->action = context ? VMMQ_RULE_CONTEXT : VMMQ_RULE_MAIN;
		rule->context = context;
	}
	return vmmq_spec_queue(spec);
}

static int vmmq_insert_rule(struct net_device *dev, struct ethtool_rxnfc *info)
{
	struct vmmq_spec spec = { .dev = dev, .fs = &info->fs };
	int err;

	spec.rule = kzalloc(sizeof(*spec.rule), GFP_KERNEL);
	if (!spec.rule)
		return -ENOMEM;
	spec.rule->location = info->fs.location;
	spec.rule->spec = info->fs;
	err = vmmq_spec_flow(&spec);
	if (!err)
		err = vmmq_spec_ext(&spec);
	if (!err)
		err = vmmq_spec_action(&spec, info->rss_context);
	vmmq_tuple_mask(&spec.rule->value, &spec.rule->value,
			&spec.rule->fields);
	if (!err)
		err = vmmq_rule_insert(netdev_priv(dev), spec.rule, NULL);
	if (!err)
		info->fs.location = spec.rule->location;
	kfree(spec.rule);
	return err;
}

/* Inserts and deletes rules; the refusals are in the log. */
int vmmq_ethtool_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info)
{
	switch (info->cmd) {
	case ETHTOOL_SRXCLSRLINS:
		return vmmq_insert_rule(dev, info);
	case ETHTOOL_SRXCLSRLDEL:
		return vmmq_rule_delete(netdev_priv(dev), info->fs.location,
					NULL);
	default:
		return -EOPNOTSUPP;
	}
}

static int vmmq_get_rule(const struct vmmq_rules *rules,
			 struct ethtool_rxnfc *info)
{
	const struct vmmq_rule *rule;

	rule = vmmq_rules_find(rules, info->fs.location);
	if (!rule)
		return -ENOENT;
	info->fs = rule->spec;
	info->rss_context = rule->context;
	return 0;
}

static int vmmq_get_rule_locations(const struct vmmq_rules *rules,
				   struct ethtool_rxnfc *info, u32 *rule_locs)
{
	unsigned int i, count = rules ? rules->count : 0;
	u32 room = info->rule_cnt;

	info->data = VMMQ_MAX_RULES;
	info->rule_cnt = count;
	if (room < count)
		return -EMSGSIZE;
	for (i = 0; i < count; i++)
		rule_locs[i] = rules->rules[i].location;
	return 0;
}

int vmmq_ethtool_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
			   u32 *rule_locs)
{
	const struct vmmq_rss *rss = vmmq_rss_get(netdev_priv(dev));

	switch (info->cmd) {
	case ETHTOOL_GRXCLSRLCNT:
		info->rule_cnt = rss->rules ? rss->rules->count : 0;
		info->data = VMMQ_MAX_RULES | RX_CLS_LOC_SPECIAL;
		return 0;
	case ETHTOOL_GRXCLSRULE:
		return vmmq_get_rule(rss->rules, info);
	case ETHTOOL_GRXCLSRLALL:
		return vmmq_get_rule_locations(rss->rules, info, rule_locs);
	default:
		return -EOPNOTSUPP;
	}
}
