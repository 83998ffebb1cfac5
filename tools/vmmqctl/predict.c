// SPDX-License-Identifier: GPL-2.0
/*
 * Where a flow goes: a frame of it is made and given to the module's own
 * functions, with the RSS parameters in force.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "ctl.h"
#include "flow.h"
#include "json.h"
#include "nl.h"
#include "show.h"
#include "toeplitz.h"

#define PREDICT_TCP		6
#define PREDICT_UDP		17
#define PREDICT_FRAGMENT	44
#define PREDICT_OTHER		253	/* a protocol for experiments */
#define PREDICT_FRAME_SIZE	256
#define PREDICT_PAYLOAD		8

/* One end of the flow */
struct endpoint {
	int family;
	u8 addr[16];
	bool has_port;
	u16 port;
};

/* What is asked about */
struct flow {
	struct endpoint from;
	struct endpoint to;
	u8 proto;
	bool fragment;
	bool tagged;
	u16 vlan;
	u32 label;
};

/* A frame of it */
struct frame {
	u8 bytes[PREDICT_FRAME_SIZE];
	size_t len;
};

/* The answer */
struct verdict {
	const char *by;		/* what decided: table, default or primary */
	u8 type;
	u32 hash;
	u32 entry;		/* if it was the table */
	u32 queue;
	u32 cpu;
};

static const char predict_help[] =
"usage: vmmqctl predict DEV from ADDR[:PORT] to ADDR[:PORT] [tcp | udp | proto N]\n"
"                       [fragment] [vlan VID] [label N]\n"
"\n"
"Says hash, hash type, entry, queue and CPU of a flow that DEV receives, with the\n"
"RSS parameters in force. Ports go with tcp and udp; without ports and protocol\n"
"it is some other one. An IPv6 address with a port is in brackets, [fe80::1]:80.\n"
"'fragment' means a fragment of an IP packet, 'vlan' a frame with a VLAN tag,\n"
"'label' the flow label of IPv6. RSS contexts and ntuple rules are not looked at.\n"
"\n"
"A flow goes by the table; to the default queue if it can't be hashed; while RSS\n"
"is off to the primary one. What drops frames, such as a VPort that is down, is\n"
"not looked at.\n";

/* ---- the question ---- */

static void word_parse(struct args *args, const struct keyword *keyword,
		       struct value *value)
{
	value->text = args_next(args, keyword->value);
}

static const struct type type_word = { .parse = word_parse };

static const struct keyword predict_keywords[] = {
	{ .name = "from", .value = "where the flow comes from (ADDR[:PORT])",
	  .type = &type_word },
	{ .name = "to", .value = "where the flow goes to (ADDR[:PORT])",
	  .type = &type_word },
	{ .name = "tcp", .type = &type_constant, .attr = 1,
	  .min = PREDICT_TCP },
	{ .name = "udp", .type = &type_constant, .attr = 1,
	  .min = PREDICT_UDP },
	{ .name = "proto", .value = "N", .type = &type_number, .attr = 1,
	  .max = 255 },
	{ .name = "fragment", .type = &type_constant },
	{ .name = "vlan", .value = "VID", .type = &type_number, .max = 4094 },
	{ .name = "label", .value = "N", .type = &type_number, .max = 0xfffff },
	{ }
};

/* [ADDR]:PORT, [ADDR], ADDR:PORT with one colon, or ADDR */
static struct endpoint endpoint_parse(const char *word, const char *what)
{
	struct endpoint end = { };
	char *addr = ctl_strndup(word, SIZE_MAX), *close = strchr(addr, ']');
	char *port = strchr(addr, ':');
	bool bracket = *addr == '[';

	if (bracket)
		port = close && close[1] == ':' ? close + 1 : NULL;
	else if (port && strchr(port + 1, ':'))
		port = NULL;
	if (bracket && (!close || (close[1] && !port)))
		ctl_misused("%s: '%s' is no [ADDR]:PORT", what, word);
	if (bracket)
		*close = 0;
	if (port) {
		*port = 0;
		end.has_port = true;
		end.port = parse_number(port + 1, "port", 0, UINT16_MAX);
	}
	end.family = strchr(addr + bracket, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(end.family, addr + bracket, end.addr) != 1)
		ctl_misused("%s: '%s' is no address such as 10.0.0.1:80, 10.0.0.1 or [fe80::1]:80",
			    what, word);
	free(addr);
	return end;
}

/* Extension headers of IPv6 are no protocols. */
static bool flow_is_extension(u32 proto)
{
	return proto == 0 || proto == 43 || proto == PREDICT_FRAGMENT ||
	       proto == 60;
}

static void flow_check(const struct flow *flow)
{
	bool ports = flow->from.has_port && flow->to.has_port;
	bool transport = flow->proto == PREDICT_TCP ||
			 flow->proto == PREDICT_UDP;

	if (flow->from.family != flow->to.family)
		ctl_misused("from and to are not of the same IP version");
	if (flow->from.has_port != flow->to.has_port)
		ctl_misused("only one of from and to has a port");
	if (ports && !transport)
		ctl_misused("ports go with tcp or udp: which of them?");
	if (transport && !ports && !flow->fragment)
		ctl_misused("tcp and udp have ports: from ADDR:PORT to ADDR:PORT");
	if (flow->from.family == AF_INET6 && flow_is_extension(flow->proto))
		ctl_misused("proto %u is an extension header", flow->proto);
}

static struct flow flow_read(struct args *args)
{
	struct value values[ARGS_KEYWORDS] = { };
	const struct value *from, *to, *vlan;
	struct flow flow = { .proto = PREDICT_OTHER };
	size_t i;

	args_keywords(args, predict_keywords, values);
	from = args_value(predict_keywords, values, "from");
	to = args_value(predict_keywords, values, "to");
	vlan = args_value(predict_keywords, values, "vlan");
	if (!from->given || !to->given)
		ctl_misused("%s is missing: %s ADDR[:PORT]",
			    from->given ? "to" : "from",
			    from->given ? "to" : "from");
	flow.from = endpoint_parse(from->text, "from");
	flow.to = endpoint_parse(to->text, "to");
	for (i = 0; predict_keywords[i].name; i++)
		if (predict_keywords[i].attr && values[i].given)
			flow.proto = values[i].number;
	flow.fragment = args_value(predict_keywords, values, "fragment")->given;
	flow.tagged = vlan->given;
	flow.vlan = vlan->number;
	flow.label = args_value(predict_keywords, values, "label")->number;
	flow_check(&flow);
	return flow;
}

/* ---- the frame ---- */

static void frame_put(struct frame *frame, const void *bytes, size_t len)
{
	memcpy(frame->bytes + frame->len, bytes, len);
	frame->len += len;
}

static void frame_zero(struct frame *frame, size_t len)
{
	memset(frame->bytes + frame->len, 0, len);
	frame->len += len;
}

static void frame_put8(struct frame *frame, u8 value)
{
	frame_put(frame, &value, 1);
}

static void frame_put16(struct frame *frame, u16 value)
{
	frame_put8(frame, value >> 8);
	frame_put8(frame, value & 0xff);
}

static void frame_poke16(struct frame *frame, size_t at, u16 value)
{
	frame->bytes[at] = value >> 8;
	frame->bytes[at + 1] = value & 0xff;
}

static void frame_ethernet(struct frame *frame, const struct flow *flow)
{
	frame_zero(frame, 12);
	if (flow->tagged) {
		frame_put16(frame, 0x8100);
		frame_put16(frame, flow->vlan);
	}
	frame_put16(frame, flow->from.family == AF_INET ? 0x0800 : 0x86dd);
}

static void frame_transport(struct frame *frame, const struct flow *flow)
{
	frame_put16(frame, flow->from.port);
	frame_put16(frame, flow->to.port);
	if (flow->proto == PREDICT_TCP) {
		frame_zero(frame, 8);
		frame_put16(frame, 0x5010);
		frame_zero(frame, 6);
	} else {
		frame_put16(frame, 8 + PREDICT_PAYLOAD);
		frame_put16(frame, 0);
	}
	frame_zero(frame, PREDICT_PAYLOAD);
}

static void frame_ipv4(struct frame *frame, const struct flow *flow)
{
	size_t start = frame->len;

	frame_put16(frame, 0x4500);
	frame_zero(frame, 4);
	frame_put16(frame, flow->fragment ? 0x2000 : 0);
	frame_put8(frame, 64);
	frame_put8(frame, flow->proto);
	frame_zero(frame, 2);
	frame_put(frame, flow->from.addr, 4);
	frame_put(frame, flow->to.addr, 4);
	frame_transport(frame, flow);
	frame_poke16(frame, start + 2, frame->len - start);
}

static void frame_ipv6(struct frame *frame, const struct flow *flow)
{
	size_t start = frame->len;

	frame_put16(frame, 0x6000 | flow->label >> 16);
	frame_put16(frame, flow->label & 0xffff);
	frame_zero(frame, 2);
	frame_put8(frame, flow->fragment ? PREDICT_FRAGMENT : flow->proto);
	frame_put8(frame, 64);
	frame_put(frame, flow->from.addr, 16);
	frame_put(frame, flow->to.addr, 16);
	if (flow->fragment) {
		frame_put8(frame, flow->proto);
		frame_put8(frame, 0);
		frame_put16(frame, 1);
		frame_zero(frame, 4);
	}
	frame_transport(frame, flow);
	frame_poke16(frame, start + 4, frame->len - start - 40);
}

/* ---- the answer ---- */

static void predict_fields(const struct object *rss,
			   u8 fields[VMMQ_FLOW_TYPES])
{
	struct object sets = object_nest(rss, VMMQ_A_RSS_FIELDS);
	unsigned int type;

	for (type = 0; type < VMMQ_FLOW_TYPES; type++)
		fields[type] = object_u32(&sets, VMMQ_A_FIELDS_IPV4 + type);
}

static u32 predict_hash(const struct object *rss, struct vmmq_flow *flow)
{
	u32 xfrm = object_u32(rss, VMMQ_A_RSS_INPUT_XFRM);
	struct vmmq_toeplitz *rows;
	const u8 *key;
	size_t size;
	u32 hash;

	key = object_bytes(rss, VMMQ_A_RSS_KEY, &size);
	if (size < 4 || size > VMMQ_KEY_SIZE_LONG)
		ctl_misused("a key of %zu bytes is none of this tool's", size);
	if (xfrm)
		vmmq_flow_transform(flow, xfrm);
	rows = ctl_realloc(NULL, vmmq_toeplitz_size(size));
	vmmq_toeplitz_expand(rows, key, size);
	hash = vmmq_toeplitz_hash(rows, flow->input, flow->len);
	free(rows);
	return hash;
}

static bool predict_parse(const struct object *rss, const struct frame *frame,
			  struct vmmq_flow *flow)
{
	const struct vmmq_pkt pkt = {
		.data = frame->bytes,
		.linear = frame->len,
		.len = frame->len,
	};
	u8 fields[VMMQ_FLOW_TYPES];

	predict_fields(rss, fields);
	return vmmq_flow_parse(&pkt, fields, flow);
}

static struct verdict predict_queue(const struct object *rss,
				    const struct frame *frame)
{
	struct numbers queues = object_numbers(rss, VMMQ_A_RSS_QUEUES);
	struct verdict verdict = { .type = VMMQ_HASH_NONE };
	struct vmmq_flow flow;

	if (object_u32(rss, VMMQ_A_RSS_STATE) != VMMQ_RSS_STATE_ON) {
		verdict.by = "primary";
		verdict.queue = object_u32(rss, VMMQ_A_RSS_PRIMARY_QUEUE);
	} else if (!predict_parse(rss, frame, &flow)) {
		verdict.by = "default";
		verdict.queue = object_u32(rss, VMMQ_A_RSS_DEFAULT_QUEUE);
	} else {
		verdict.by = "table";
		verdict.type = flow.type;
		verdict.hash = predict_hash(rss, &flow);
		verdict.entry = queues.count ?
				verdict.hash & (queues.count - 1) : 0;
		verdict.queue = numbers_u32(&queues, verdict.entry);
	}
	return verdict;
}

static struct verdict predict(const struct object *rss,
			      const struct flow *flow)
{
	struct numbers cpus = object_numbers(rss, VMMQ_A_RSS_QUEUE_CPUS);
	struct frame frame = { };
	struct verdict verdict;

	frame_ethernet(&frame, flow);
	if (flow->from.family == AF_INET)
		frame_ipv4(&frame, flow);
	else
		frame_ipv6(&frame, flow);
	verdict = predict_queue(rss, &frame);
	verdict.cpu = numbers_u32(&cpus, verdict.queue);
	return verdict;
}

/* The name of a hash type in the spec's spelling */
static const char *predict_type(u8 type)
{
	static char name[32];
	char *c;

	snprintf(name, sizeof(name), "%s", vmmq_hash_type_name(type));
	for (c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

static void predict_json(const struct object *rss,
			 const struct verdict *verdict)
{
	json_array();
	json_object();
	object_json_members(rss, 1U << VMMQ_A_RSS_ADAPTER |
			    1U << VMMQ_A_RSS_VPORT | 1U << VMMQ_A_RSS_IFINDEX |
			    1U << VMMQ_A_RSS_IFNAME);
	json_key("by");
	json_string(verdict->by);
	json_key("type");
	json_string(predict_type(verdict->type));
	json_key("hash");
	json_number(verdict->hash);
	json_key("entry");
	if (verdict->type == VMMQ_HASH_NONE)
		json_null();
	else
		json_number(verdict->entry);
	json_key("queue");
	json_number(verdict->queue);
	json_key("cpu");
	json_number(verdict->cpu);
	json_object_end();
	json_array_end();
}

static void predict_print(const struct verdict *verdict)
{
	if (verdict->type == VMMQ_HASH_NONE)
		printf("hash none type none entry none");
	else
		printf("hash 0x%08x type %s entry %u", verdict->hash,
		       predict_type(verdict->type), verdict->entry);
	printf(" queue %u CPU %u (by %s)\n", verdict->queue, verdict->cpu,
	       verdict->by);
}

static int predict_run(struct args *args)
{
	struct scope scope = { .one = true, .dev = args_dev(args) };
	struct flow flow = flow_read(args);
	struct objects rss = scope_get(&scope, VMMQ_CMD_RSS_GET);
	struct verdict verdict;

	if (!rss.count)
		ctl_misused("no answer about the RSS parameters");
	verdict = predict(rss.list, &flow);
	if (ctl.json)
		predict_json(rss.list, &verdict);
	else
		predict_print(&verdict);
	return CTL_OK;
}

const struct noun noun_predict = {
	.name = "predict",
	.what = "says where a flow goes",
	.help = predict_help,
	.run = predict_run,
};
