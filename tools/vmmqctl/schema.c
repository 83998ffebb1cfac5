// SPDX-License-Identifier: GPL-2.0
/* The control family's spec: attributes, operations and the names of values. */
#include "ctl.h"
#include "schema.h"

const struct schema_name schema_capabilities[] = {
	{ "vlan-filter", VMMQ_CAPABILITY_VLAN_FILTER },
	{ "vport-moderation", VMMQ_CAPABILITY_VPORT_MODERATION },
	{ "asymmetric-queue-pairs", VMMQ_CAPABILITY_ASYMMETRIC_QUEUE_PAIRS },
	{ "vport-hash", VMMQ_CAPABILITY_VPORT_HASH },
	{ "restricted-table", VMMQ_CAPABILITY_RESTRICTED_TABLE },
	{ }
};

const struct schema_name schema_pool_kinds[] = {
	{ "queue-pairs", VMMQ_POOL_KIND_QUEUE_PAIRS },
	{ "vports", VMMQ_POOL_KIND_VPORTS },
	{ "filters", VMMQ_POOL_KIND_FILTERS },
	{ "vectors", VMMQ_POOL_KIND_VECTORS },
	{ }
};

const struct schema_name schema_vport_states[] = {
	{ "activated", VMMQ_VPORT_STATE_ACTIVATED },
	{ "deactivated", VMMQ_VPORT_STATE_DEACTIVATED },
	{ }
};

const struct schema_name schema_levels[] = {
	{ "off", VMMQ_MODERATION_LEVEL_OFF },
	{ "low", VMMQ_MODERATION_LEVEL_LOW },
	{ "medium", VMMQ_MODERATION_LEVEL_MEDIUM },
	{ "high", VMMQ_MODERATION_LEVEL_HIGH },
	{ "adaptive", VMMQ_MODERATION_LEVEL_ADAPTIVE },
	{ "custom", VMMQ_MODERATION_LEVEL_CUSTOM },
	{ }
};

const struct schema_name schema_reasons[] = {
	{ "none", VMMQ_REASON_NONE },
	{ "deactivated", VMMQ_REASON_DEACTIVATED },
	{ "rss-off", VMMQ_REASON_RSS_OFF },
	{ "adaptive", VMMQ_REASON_ADAPTIVE },
	{ }
};

static const struct schema_name schema_rss_states[] = {
	{ "off", VMMQ_RSS_STATE_OFF },
	{ "on", VMMQ_RSS_STATE_ON },
	{ }
};

const struct schema_name schema_rss_types[] = {
	{ "ipv4", VMMQ_RSS_TYPE_IPV4 },
	{ "tcp-ipv4", VMMQ_RSS_TYPE_TCP_IPV4 },
	{ "ipv6", VMMQ_RSS_TYPE_IPV6 },
	{ "ipv6-ex", VMMQ_RSS_TYPE_IPV6_EX },
	{ "tcp-ipv6", VMMQ_RSS_TYPE_TCP_IPV6 },
	{ "tcp-ipv6-ex", VMMQ_RSS_TYPE_TCP_IPV6_EX },
	{ "udp-ipv4", VMMQ_RSS_TYPE_UDP_IPV4 },
	{ "udp-ipv6", VMMQ_RSS_TYPE_UDP_IPV6 },
	{ "udp-ipv6-ex", VMMQ_RSS_TYPE_UDP_IPV6_EX },
	{ }
};

const struct schema_name schema_hash_fields[] = {
	{ "src-addr", VMMQ_HASH_FIELD_SRC_ADDR },
	{ "dst-addr", VMMQ_HASH_FIELD_DST_ADDR },
	{ "src-port", VMMQ_HASH_FIELD_SRC_PORT },
	{ "dst-port", VMMQ_HASH_FIELD_DST_PORT },
	{ "ex", VMMQ_HASH_FIELD_EX },
	{ "flow-label", VMMQ_HASH_FIELD_FLOW_LABEL },
	{ }
};

const struct schema_name schema_input_xfrms[] = {
	{ "none", VMMQ_INPUT_XFRM_NONE },
	{ "symmetric-xor", VMMQ_INPUT_XFRM_SYMMETRIC_XOR },
	{ "symmetric-or-xor", VMMQ_INPUT_XFRM_SYMMETRIC_OR_XOR },
	{ }
};

const struct schema_name schema_move_kinds[] = {
	{ "entry", VMMQ_MOVE_KIND_ENTRY },
	{ "default", VMMQ_MOVE_KIND_DEFAULT },
	{ "primary", VMMQ_MOVE_KIND_PRIMARY },
	{ }
};

#define SCHEMA_SET(set_name, attrs_of)					\
	const struct schema_set set_name = {				\
		.attrs = attrs_of,					\
		.max = CTL_ARRAY_SIZE(attrs_of) - 1,			\
	}

static const struct schema_attr capabilities_attrs[] = {
	[VMMQ_A_CAPABILITIES_FLAGS] = {
		.name = "flags", .kind = KIND_FLAGS,
		.names = schema_capabilities },
	[VMMQ_A_CAPABILITIES_MAX_VPORTS] = {
		.name = "max-vports", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS] = {
		.name = "max-queue-pairs", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS_DEFAULT] = {
		.name = "max-queue-pairs-default", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_MAX_QUEUE_PAIRS_VPORT] = {
		.name = "max-queue-pairs-vport", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_MAX_ENTRIES_DEFAULT] = {
		.name = "max-entries-default", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_MAX_ENTRIES_VPORT] = {
		.name = "max-entries-vport", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_MAX_FILTERS] = {
		.name = "max-filters", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_MAX_VECTORS] = {
		.name = "max-vectors", .kind = KIND_U32 },
	[VMMQ_A_CAPABILITIES_KEY_SIZE] = {
		.name = "key-size", .kind = KIND_U32 },
};

static SCHEMA_SET(schema_capability_set, capabilities_attrs);

static const struct schema_attr pool_attrs[] = {
	[VMMQ_A_POOL_KIND] = {
		.name = "kind", .kind = KIND_ENUM, .names = schema_pool_kinds },
	[VMMQ_A_POOL_SIZE] = { .name = "size", .kind = KIND_U32 },
	[VMMQ_A_POOL_USED] = { .name = "used", .kind = KIND_U32 },
};

static SCHEMA_SET(schema_pool, pool_attrs);

static const struct schema_attr processors_attrs[] = {
	[VMMQ_A_PROCESSORS_BASE_CPU] = { .name = "base-cpu", .kind = KIND_U32 },
	[VMMQ_A_PROCESSORS_MAX_CPU] = { .name = "max-cpu", .kind = KIND_U32 },
	[VMMQ_A_PROCESSORS_MAX_COUNT] = {
		.name = "max-count", .kind = KIND_U32 },
	[VMMQ_A_PROCESSORS_NODE] = { .name = "node", .kind = KIND_U32 },
	[VMMQ_A_PROCESSORS_ONE_PER_CORE] = {
		.name = "one-per-core", .kind = KIND_U32 },
	[VMMQ_A_PROCESSORS_CPUS] = { .name = "cpus", .kind = KIND_STRING },
};

static SCHEMA_SET(schema_processors, processors_attrs);

static const struct schema_attr adapter_attrs[] = {
	[VMMQ_A_ADAPTER_NAME] = { .name = "name", .kind = KIND_STRING },
	[VMMQ_A_ADAPTER_INDEX] = { .name = "index", .kind = KIND_U32 },
	[VMMQ_A_ADAPTER_CAPABILITIES] = {
		.name = "capabilities", .kind = KIND_NEST,
		.set = &schema_capability_set },
	[VMMQ_A_ADAPTER_POOL] = {
		.name = "pool", .kind = KIND_NESTS, .set = &schema_pool },
	[VMMQ_A_ADAPTER_PROCESSORS] = {
		.name = "processors", .kind = KIND_NEST,
		.set = &schema_processors },
	[VMMQ_A_ADAPTER_DEFAULT_QUEUE_PAIRS] = {
		.name = "default-queue-pairs", .kind = KIND_U32 },
	[VMMQ_A_ADAPTER_VPORTS] = { .name = "vports", .kind = KIND_U32 },
	[VMMQ_A_ADAPTER_VECTORS] = { .name = "vectors", .kind = KIND_U32 },
	[VMMQ_A_ADAPTER_WIRE] = { .name = "wire", .kind = KIND_U32 },
};

SCHEMA_SET(schema_adapter, adapter_attrs);

static const struct schema_attr counters_attrs[] = {
	[VMMQ_A_COUNTERS_RX_PACKETS] = {
		.name = "rx-packets", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_RX_BYTES] = { .name = "rx-bytes", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_RX_MISSED] = { .name = "rx-missed", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_RX_DROPPED] = {
		.name = "rx-dropped", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_TX_PACKETS] = {
		.name = "tx-packets", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_TX_BYTES] = { .name = "tx-bytes", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_TX_DROPPED] = {
		.name = "tx-dropped", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_INTERRUPTS] = {
		.name = "interrupts", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_ENTRIES_MOVED] = {
		.name = "entries-moved", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_FRAMES_WAITED] = {
		.name = "frames-waited", .kind = KIND_U64 },
	[VMMQ_A_COUNTERS_LONGEST_DRAIN] = {
		.name = "longest-drain", .kind = KIND_U64 },
};

SCHEMA_SET(schema_counters, counters_attrs);

static const struct schema_attr vport_attrs[] = {
	[VMMQ_A_VPORT_ADAPTER] = { .name = "adapter", .kind = KIND_STRING },
	[VMMQ_A_VPORT_VPORT] = { .name = "vport", .kind = KIND_U32 },
	[VMMQ_A_VPORT_IFINDEX] = { .name = "ifindex", .kind = KIND_U32 },
	[VMMQ_A_VPORT_IFNAME] = { .name = "ifname", .kind = KIND_STRING },
	[VMMQ_A_VPORT_NETNS_ID] = { .name = "netns-id", .kind = KIND_U32 },
	[VMMQ_A_VPORT_MAC] = { .name = "mac", .kind = KIND_MAC },
	[VMMQ_A_VPORT_VLAN] = { .name = "vlan", .kind = KIND_U32 },
	[VMMQ_A_VPORT_STATE] = {
		.name = "state", .kind = KIND_ENUM,
		.names = schema_vport_states },
	[VMMQ_A_VPORT_QUEUE_PAIRS] = {
		.name = "queue-pairs", .kind = KIND_U32 },
	[VMMQ_A_VPORT_QUEUE_PAIRS_EFFECTIVE] = {
		.name = "queue-pairs-effective", .kind = KIND_U32 },
	[VMMQ_A_VPORT_QUEUE_PAIRS_REASON] = {
		.name = "queue-pairs-reason", .kind = KIND_ENUM,
		.names = schema_reasons },
	[VMMQ_A_VPORT_MAX_QUEUE_PAIRS] = {
		.name = "max-queue-pairs", .kind = KIND_U32 },
	[VMMQ_A_VPORT_MODERATION] = {
		.name = "moderation", .kind = KIND_ENUM,
		.names = schema_levels },
	[VMMQ_A_VPORT_MODERATION_EFFECTIVE] = {
		.name = "moderation-effective", .kind = KIND_ENUM,
		.names = schema_levels },
	[VMMQ_A_VPORT_MODERATION_REASON] = {
		.name = "moderation-reason", .kind = KIND_ENUM,
		.names = schema_reasons },
	[VMMQ_A_VPORT_RX_USECS] = { .name = "rx-usecs", .kind = KIND_U32 },
	[VMMQ_A_VPORT_RX_FRAMES] = { .name = "rx-frames", .kind = KIND_U32 },
	[VMMQ_A_VPORT_FILTERS] = { .name = "filters", .kind = KIND_U32 },
	[VMMQ_A_VPORT_COUNTERS] = {
		.name = "counters", .kind = KIND_NEST,
		.set = &schema_counters },
};

SCHEMA_SET(schema_vport, vport_attrs);

static const struct schema_attr filter_attrs[] = {
	[VMMQ_A_FILTER_ADAPTER] = { .name = "adapter", .kind = KIND_STRING },
	[VMMQ_A_FILTER_VPORT] = { .name = "vport", .kind = KIND_U32 },
	[VMMQ_A_FILTER_IFINDEX] = { .name = "ifindex", .kind = KIND_U32 },
	[VMMQ_A_FILTER_IFNAME] = { .name = "ifname", .kind = KIND_STRING },
	[VMMQ_A_FILTER_MAC] = { .name = "mac", .kind = KIND_MAC },
	[VMMQ_A_FILTER_VLAN] = { .name = "vlan", .kind = KIND_U32 },
	[VMMQ_A_FILTER_DEVICE] = { .name = "device", .kind = KIND_FLAG },
	[VMMQ_A_FILTER_TO] = { .name = "to", .kind = KIND_U32 },
};

SCHEMA_SET(schema_filter, filter_attrs);

static const struct schema_attr fields_attrs[] = {
	[VMMQ_A_FIELDS_IPV4] = {
		.name = "ipv4", .kind = KIND_FLAGS,
		.names = schema_hash_fields },
	[VMMQ_A_FIELDS_TCP_IPV4] = {
		.name = "tcp-ipv4", .kind = KIND_FLAGS,
		.names = schema_hash_fields },
	[VMMQ_A_FIELDS_UDP_IPV4] = {
		.name = "udp-ipv4", .kind = KIND_FLAGS,
		.names = schema_hash_fields },
	[VMMQ_A_FIELDS_IPV6] = {
		.name = "ipv6", .kind = KIND_FLAGS,
		.names = schema_hash_fields },
	[VMMQ_A_FIELDS_TCP_IPV6] = {
		.name = "tcp-ipv6", .kind = KIND_FLAGS,
		.names = schema_hash_fields },
	[VMMQ_A_FIELDS_UDP_IPV6] = {
		.name = "udp-ipv6", .kind = KIND_FLAGS,
		.names = schema_hash_fields },
};

static SCHEMA_SET(schema_fields, fields_attrs);

static const struct schema_attr rss_attrs[] = {
	[VMMQ_A_RSS_ADAPTER] = { .name = "adapter", .kind = KIND_STRING },
	[VMMQ_A_RSS_VPORT] = { .name = "vport", .kind = KIND_U32 },
	[VMMQ_A_RSS_IFINDEX] = { .name = "ifindex", .kind = KIND_U32 },
	[VMMQ_A_RSS_IFNAME] = { .name = "ifname", .kind = KIND_STRING },
	[VMMQ_A_RSS_STATE] = {
		.name = "state", .kind = KIND_ENUM,
		.names = schema_rss_states },
	[VMMQ_A_RSS_GENERATION] = { .name = "generation", .kind = KIND_U32 },
	[VMMQ_A_RSS_TYPES] = {
		.name = "types", .kind = KIND_FLAGS,
		.names = schema_rss_types },
	[VMMQ_A_RSS_FIELDS] = {
		.name = "fields", .kind = KIND_NEST, .set = &schema_fields },
	[VMMQ_A_RSS_KEY] = { .name = "key", .kind = KIND_KEY },
	[VMMQ_A_RSS_ENTRIES] = { .name = "entries", .kind = KIND_U32 },
	[VMMQ_A_RSS_QUEUES] = { .name = "queues", .kind = KIND_U32S },
	[VMMQ_A_RSS_CPUS] = { .name = "cpus", .kind = KIND_U32S },
	[VMMQ_A_RSS_DEFAULT_QUEUE] = {
		.name = "default-queue", .kind = KIND_U32 },
	[VMMQ_A_RSS_DEFAULT_CPU] = { .name = "default-cpu", .kind = KIND_U32 },
	[VMMQ_A_RSS_PRIMARY_QUEUE] = {
		.name = "primary-queue", .kind = KIND_U32 },
	[VMMQ_A_RSS_PRIMARY_CPU] = { .name = "primary-cpu", .kind = KIND_U32 },
	[VMMQ_A_RSS_QUEUE_PAIRS] = { .name = "queue-pairs", .kind = KIND_U32 },
	[VMMQ_A_RSS_USER_TABLE] = { .name = "user-table", .kind = KIND_U32 },
	[VMMQ_A_RSS_QUEUE_VECTORS] = {
		.name = "queue-vectors", .kind = KIND_U32S },
	[VMMQ_A_RSS_QUEUE_CPUS] = { .name = "queue-cpus", .kind = KIND_U32S },
	[VMMQ_A_RSS_HITS] = { .name = "hits", .kind = KIND_U64S },
	[VMMQ_A_RSS_KEY_SIZE] = { .name = "key-size", .kind = KIND_U32 },
	[VMMQ_A_RSS_MAX_ENTRIES] = { .name = "max-entries", .kind = KIND_U32 },
	[VMMQ_A_RSS_INPUT_XFRM] = {
		.name = "input-xfrm", .kind = KIND_ENUM,
		.names = schema_input_xfrms },
};

SCHEMA_SET(schema_rss, rss_attrs);

static const struct schema_attr move_entry_attrs[] = {
	[VMMQ_A_MOVE_ENTRY_VPORT] = { .name = "vport", .kind = KIND_U32 },
	[VMMQ_A_MOVE_ENTRY_KIND] = {
		.name = "kind", .kind = KIND_ENUM, .names = schema_move_kinds },
	[VMMQ_A_MOVE_ENTRY_INDEX] = { .name = "index", .kind = KIND_U32 },
	[VMMQ_A_MOVE_ENTRY_CPU] = { .name = "cpu", .kind = KIND_U32 },
	[VMMQ_A_MOVE_ENTRY_FROM] = { .name = "from", .kind = KIND_U32 },
	[VMMQ_A_MOVE_ENTRY_ERROR] = { .name = "error", .kind = KIND_U32 },
	[VMMQ_A_MOVE_ENTRY_TEXT] = { .name = "text", .kind = KIND_STRING },
};

SCHEMA_SET(schema_move_entry, move_entry_attrs);

static const struct schema_attr move_attrs[] = {
	[VMMQ_A_MOVE_ADAPTER] = { .name = "adapter", .kind = KIND_STRING },
	[VMMQ_A_MOVE_VPORT] = { .name = "vport", .kind = KIND_U32 },
	[VMMQ_A_MOVE_IFINDEX] = { .name = "ifindex", .kind = KIND_U32 },
	[VMMQ_A_MOVE_IFNAME] = { .name = "ifname", .kind = KIND_STRING },
	[VMMQ_A_MOVE_ENTRY] = {
		.name = "entry", .kind = KIND_NESTS,
		.set = &schema_move_entry },
	[VMMQ_A_MOVE_GENERATION] = { .name = "generation", .kind = KIND_U32 },
};

SCHEMA_SET(schema_move, move_attrs);

static const struct schema_attr vector_attrs[] = {
	[VMMQ_A_VECTOR_ADAPTER] = { .name = "adapter", .kind = KIND_STRING },
	[VMMQ_A_VECTOR_INDEX] = { .name = "index", .kind = KIND_U32 },
	[VMMQ_A_VECTOR_IRQ] = { .name = "irq", .kind = KIND_U32 },
	[VMMQ_A_VECTOR_NAME] = { .name = "name", .kind = KIND_STRING },
	[VMMQ_A_VECTOR_CPU] = { .name = "cpu", .kind = KIND_U32 },
	[VMMQ_A_VECTOR_AFFINITY] = { .name = "affinity", .kind = KIND_STRING },
	[VMMQ_A_VECTOR_QUEUES] = { .name = "queues", .kind = KIND_U32 },
};

SCHEMA_SET(schema_vector, vector_attrs);

static const struct schema_op schema_ops[] = {
	[VMMQ_CMD_ADAPTER_GET] = {
		.name = "adapter-get", .set = &schema_adapter },
	[VMMQ_CMD_ADAPTER_NEW] = {
		.name = "adapter-new", .set = &schema_adapter },
	[VMMQ_CMD_ADAPTER_SET] = {
		.name = "adapter-set", .set = &schema_adapter },
	[VMMQ_CMD_ADAPTER_DEL] = {
		.name = "adapter-del", .set = &schema_adapter },
	[VMMQ_CMD_ADAPTER_ADD_NTF] = {
		.name = "adapter-add-ntf", .set = &schema_adapter,
		.noun = "adapter" },
	[VMMQ_CMD_ADAPTER_CHANGE_NTF] = {
		.name = "adapter-change-ntf", .set = &schema_adapter,
		.noun = "adapter" },
	[VMMQ_CMD_ADAPTER_DEL_NTF] = {
		.name = "adapter-del-ntf", .set = &schema_adapter,
		.noun = "adapter" },
	[VMMQ_CMD_VPORT_GET] = { .name = "vport-get", .set = &schema_vport },
	[VMMQ_CMD_VPORT_NEW] = { .name = "vport-new", .set = &schema_vport },
	[VMMQ_CMD_VPORT_SET] = { .name = "vport-set", .set = &schema_vport },
	[VMMQ_CMD_VPORT_DEL] = { .name = "vport-del", .set = &schema_vport },
	[VMMQ_CMD_VPORT_ADD_NTF] = {
		.name = "vport-add-ntf", .set = &schema_vport,
		.noun = "vport" },
	[VMMQ_CMD_VPORT_CHANGE_NTF] = {
		.name = "vport-change-ntf", .set = &schema_vport,
		.noun = "vport" },
	[VMMQ_CMD_VPORT_DEL_NTF] = {
		.name = "vport-del-ntf", .set = &schema_vport,
		.noun = "vport" },
	[VMMQ_CMD_FILTER_GET] = { .name = "filter-get", .set = &schema_filter },
	[VMMQ_CMD_FILTER_NEW] = { .name = "filter-new", .set = &schema_filter },
	[VMMQ_CMD_FILTER_MOVE] = {
		.name = "filter-move", .set = &schema_filter },
	[VMMQ_CMD_FILTER_DEL] = { .name = "filter-del", .set = &schema_filter },
	[VMMQ_CMD_FILTER_ADD_NTF] = {
		.name = "filter-add-ntf", .set = &schema_filter,
		.noun = "filter" },
	[VMMQ_CMD_FILTER_MOVE_NTF] = {
		.name = "filter-move-ntf", .set = &schema_filter,
		.noun = "filter" },
	[VMMQ_CMD_FILTER_DEL_NTF] = {
		.name = "filter-del-ntf", .set = &schema_filter,
		.noun = "filter" },
	[VMMQ_CMD_RSS_GET] = { .name = "rss-get", .set = &schema_rss },
	[VMMQ_CMD_RSS_SET] = { .name = "rss-set", .set = &schema_rss },
	[VMMQ_CMD_RSS_CHANGE_NTF] = {
		.name = "rss-change-ntf", .set = &schema_rss, .noun = "rss" },
	[VMMQ_CMD_RSS_MOVE] = { .name = "rss-move", .set = &schema_move },
	[VMMQ_CMD_RSS_MOVE_NTF] = {
		.name = "rss-move-ntf", .set = &schema_move, .noun = "move" },
	[VMMQ_CMD_VECTOR_GET] = { .name = "vector-get", .set = &schema_vector },
	[VMMQ_CMD_VECTOR_SET] = { .name = "vector-set", .set = &schema_vector },
	[VMMQ_CMD_VECTOR_CHANGE_NTF] = {
		.name = "vector-change-ntf", .set = &schema_vector,
		.noun = "vector" },
};

const struct schema_op *schema_op(unsigned int cmd)
{
	if (cmd >= CTL_ARRAY_SIZE(schema_ops) || !schema_ops[cmd].name)
		return NULL;
	return &schema_ops[cmd];
}

const char *schema_value_name(const struct schema_name *names, uint32_t value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

const struct schema_attr *schema_attr(const struct schema_set *set,
				      unsigned int attr)
{
	if (attr > set->max || !set->attrs[attr].name)
		return NULL;
	return &set->attrs[attr];
}
