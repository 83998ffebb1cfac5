// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink socket: finds the family, sends a request, gathers what it is
 * answered with, and says what the kernel says when it refuses.
 *
 * An answer is gathered whole before it is used, so that a dump that something
 * changed meanwhile can be asked for again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "ctl.h"
#include "nl.h"

#define NL_REQUEST_SIZE	(512 * 1024)	/* more than any request has */
#define NL_BUFFER_SIZE	(256 * 1024)	/* the longest message has 128 KiB */
#define NL_QUEUE_SIZE	(4 * 1024 * 1024)	/* of what was not read yet */
#define NL_DUMPS	20	/* tries to get one that nothing changed */

static char nl_request[NL_REQUEST_SIZE] __attribute__((aligned(8)));
static struct mnl_socket *nl_socket;
static uint16_t nl_family;
static uint32_t nl_group;
static uint32_t nl_seq;

/* What the kernel has answered so far */
struct nl_answer {
	struct nlmsghdr **messages;
	size_t count;
	bool interrupted;
	bool complete;
	int error;		/* errno, with the message that says it */
	const struct nlmsghdr *why;
	size_t why_skip;	/* bytes of its payload before the attributes */
};

/* ---- requests ---- */

static void request_start(struct request *req, uint16_t type, uint8_t cmd,
			  uint8_t version)
{
	struct genlmsghdr *genl;

	req->nlh = mnl_nlmsg_put_header(nl_request);
	req->nlh->nlmsg_type = type;
	genl = mnl_nlmsg_put_extra_header(req->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
}

static void request_room(bool fits)
{
	if (!fits)
		ctl_misused("too much for one request");
}

void request_u32(struct request *req, unsigned int attr, uint32_t value)
{
	request_room(mnl_attr_put_u32_check(req->nlh, NL_REQUEST_SIZE, attr,
					    value));
}

void request_string(struct request *req, unsigned int attr, const char *text)
{
	request_room(mnl_attr_put_strz_check(req->nlh, NL_REQUEST_SIZE, attr,
					     text));
}

void request_bytes(struct request *req, unsigned int attr, const void *data,
		   size_t size)
{
	request_room(size <= UINT16_MAX - MNL_ATTR_HDRLEN &&
		     mnl_attr_put_check(req->nlh, NL_REQUEST_SIZE, attr, size,
					data));
}

struct nlattr *request_nest(struct request *req, unsigned int attr)
{
	struct nlattr *nest;

	nest = mnl_attr_nest_start_check(req->nlh, NL_REQUEST_SIZE, attr);
	request_room(nest);
	return nest;
}

void request_nest_end(struct request *req, struct nlattr *nest)
{
	mnl_attr_nest_end(req->nlh, nest);
}

/* ---- what a refusal says ---- */

/* The attribute at an offset of the request, as a path of names */
static void nl_find_attr(const struct schema_set *set,
			 const struct nlmsghdr *nlh, const void *first,
			 size_t size, size_t offset, char *path, size_t room)
{
	const struct schema_attr *spec;
	const struct nlattr *attr;
	size_t at, len;

	mnl_attr_for_each_payload(first, size) {
		at = (const char *)attr - (const char *)nlh;
		if (offset < at || offset >= at + attr->nla_len)
			continue;
		spec = schema_attr(set, mnl_attr_get_type(attr));
		if (!spec)
			return;
		len = snprintf(path, room, "%s", spec->name);
		if (offset == at || !spec->set || len + 2 >= room)
			return;
		path[len++] = '.';
		nl_find_attr(spec->set, nlh, mnl_attr_get_payload(attr),
			     mnl_attr_get_payload_len(attr), offset,
			     path + len, room - len);
		return;
	}
}

static void nl_bad_attr(const struct request *req, size_t offset, char *path,
			size_t room)
{
	size_t head = MNL_NLMSG_HDRLEN + GENL_HDRLEN;

	*path = 0;
	if (!req->op || offset < head || offset >= req->nlh->nlmsg_len)
		return;
	nl_find_attr(req->op->set, req->nlh, (const char *)req->nlh + head,
		     req->nlh->nlmsg_len - head, offset, path, room);
}

static void nl_missing_attr(const struct request *req, uint32_t type,
			    char *path, size_t room)
{
	const struct schema_attr *spec = NULL;

	if (req->op)
		spec = schema_attr(req->op->set, type);
	snprintf(path, room, "missing: %s", spec ? spec->name : "?");
}

/* The text of a refusal, and the attribute it points at */
static void nl_refused(const struct request *req,
		       const struct nl_answer *answer)
{
	const char *text = NULL;
	char path[256] = "";
	const struct nlattr *attr;

	if (answer->why->nlmsg_flags & NLM_F_ACK_TLVS) {
		mnl_attr_for_each(attr, answer->why, answer->why_skip) {
			switch (mnl_attr_get_type(attr)) {
			case NLMSGERR_ATTR_MSG:
				text = mnl_attr_get_str(attr);
				break;
			case NLMSGERR_ATTR_OFFS:
				nl_bad_attr(req, mnl_attr_get_u32(attr), path,
					    sizeof(path));
				break;
			case NLMSGERR_ATTR_MISS_TYPE:
				nl_missing_attr(req, mnl_attr_get_u32(attr),
						path, sizeof(path));
				break;
			}
		}
	}
	ctl_say("%s%s%s%s%s%s", text ? text : "", text ? " (" : "",
		strerror(answer->error), *path ? ", attribute " : "", path,
		text ? ")" : "");
	exit(CTL_REFUSED);
}

/* ---- answers ---- */

static void nl_send(const struct request *req, uint16_t flags)
{
	req->nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	req->nlh->nlmsg_seq = ++nl_seq;
	if (mnl_socket_sendto(nl_socket, req->nlh, req->nlh->nlmsg_len) < 0)
		ctl_misused("can't send a request: %s", strerror(errno));
}

static struct nlmsghdr *nl_keep(const struct nlmsghdr *nlh)
{
	struct nlmsghdr *copy = ctl_realloc(NULL, nlh->nlmsg_len);

	return memcpy(copy, nlh, nlh->nlmsg_len);
}

static void nl_ended(struct nl_answer *answer, const struct nlmsghdr *nlh,
		     size_t skip)
{
	int error = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
		error = *(const int *)mnl_nlmsg_get_payload(nlh);
	answer->complete = true;
	answer->error = error < 0 ? -error : 0;
	if (answer->error) {
		answer->why = nl_keep(nlh);
		answer->why_skip = skip;
	}
}

static void nl_message(struct nl_answer *answer, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR)
		nl_ended(answer, nlh, sizeof(struct nlmsgerr));
	else if (nlh->nlmsg_type == NLMSG_DONE)
		nl_ended(answer, nlh, sizeof(int));
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
		return;
	answer->messages = ctl_realloc(answer->messages, (answer->count + 1) *
				       sizeof(*answer->messages));
	answer->messages[answer->count++] = nl_keep(nlh);
}

/* Bytes received into the buffer, which is aligned for messages */
static int nl_receive(char **buffer)
{
	static char received[NL_BUFFER_SIZE] __attribute__((aligned(8)));
	ssize_t len;

	*buffer = received;
	do {
		len = mnl_socket_recvfrom(nl_socket, received,
					  sizeof(received));
	} while (len < 0 && errno == EINTR);
	return len;
}

static struct nl_answer nl_ask(const struct request *req, uint16_t flags)
{
	struct nl_answer answer = { };
	const struct nlmsghdr *nlh;
	char *buffer;
	int len;

	nl_send(req, flags);
	while (!answer.complete) {
		len = nl_receive(&buffer);
		if (len < 0)
			ctl_misused("can't receive an answer: %s",
				    strerror(errno));
		nlh = (struct nlmsghdr *)buffer;
		for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			if (nlh->nlmsg_seq == nl_seq)
				nl_message(&answer, nlh);
	}
	return answer;
}

static void nl_free(struct nl_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->count; i++)
		free(answer->messages[i]);
	free(answer->messages);
}

static struct objects nl_objects(struct nl_answer *answer)
{
	struct objects objects = { };
	size_t i;

	for (i = 0; i < answer->count; i++)
		objects_add(&objects, answer->messages[i]);
	free(answer->messages);
	return objects;
}

struct objects nl_do(const struct request *req)
{
	struct nl_answer answer = nl_ask(req, NLM_F_ACK);

	if (answer.error)
		nl_refused(req, &answer);
	return nl_objects(&answer);
}

struct objects nl_dump(const struct request *req)
{
	struct nl_answer answer;
	unsigned int tries;

	for (tries = 0; tries < NL_DUMPS; tries++) {
		answer = nl_ask(req, NLM_F_DUMP);
		if (answer.error)
			nl_refused(req, &answer);
		if (!answer.interrupted)
			return nl_objects(&answer);
		nl_free(&answer);
	}
	ctl_say("%s changed all the time while it was read, %u times; try again",
		req->op->name, tries);
	exit(CTL_REFUSED);
}

/* ---- the family ---- */

static void nl_find_group(const struct nlattr *groups)
{
	const struct nlattr *group, *attr;
	const char *name;
	uint32_t id;

	mnl_attr_for_each_nested(group, groups) {
		name = "";
		id = 0;
		mnl_attr_for_each_nested(attr, group) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
				name = mnl_attr_get_str(attr);
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
				id = mnl_attr_get_u32(attr);
		}
		if (!strcmp(name, VMMQ_MCGRP_CONFIG))
			nl_group = id;
	}
}

static void nl_find_family(void)
{
	const struct nlattr *attr;
	struct nl_answer answer;
	struct request req = { };

	request_start(&req, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	request_string(&req, CTRL_ATTR_FAMILY_NAME, VMMQ_FAMILY_NAME);
	answer = nl_ask(&req, NLM_F_ACK);
	if (answer.error == ENOENT)
		ctl_misused("the kernel has no family %s: the module is not loaded (modprobe vmmq)",
			    VMMQ_FAMILY_NAME);
	if (answer.error || !answer.count)
		nl_refused(&req, &answer);
	mnl_attr_for_each(attr, answer.messages[0], GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl_family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			nl_find_group(attr);
	}
	nl_free(&answer);
}

/* The kernel's usual room is too small for the answer to the longest batch. */
static void nl_widen(void)
{
	int fd = mnl_socket_get_fd(nl_socket), size = NL_QUEUE_SIZE;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static void nl_open(void)
{
	int on = 1;

	nl_socket = mnl_socket_open(NETLINK_GENERIC);
	if (!nl_socket || mnl_socket_bind(nl_socket, 0, MNL_SOCKET_AUTOPID) < 0)
		ctl_misused("can't open a netlink socket: %s", strerror(errno));
	mnl_socket_setsockopt(nl_socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl_socket, NETLINK_CAP_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl_socket, NETLINK_GET_STRICT_CHK, &on,
			      sizeof(on));
	nl_widen();
	nl_find_family();
}

void request_begin(struct request *req, unsigned int cmd)
{
	if (!nl_socket)
		nl_open();
	req->op = schema_op(cmd);
	request_start(req, nl_family, cmd, VMMQ_FAMILY_VERSION);
}

/* ---- notifications ---- */

static void nl_hear(const char *buffer, int len,
		    void (*heard)(const struct object *object, int lost))
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buffer;
	struct object object;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		if (nlh->nlmsg_type == nl_family && object_parse(&object, nlh))
			heard(&object, 0);
}

void nl_monitor(void (*heard)(const struct object *object, int lost))
{
	char *buffer;
	int len;

	nl_open();
	if (mnl_socket_setsockopt(nl_socket, NETLINK_ADD_MEMBERSHIP, &nl_group,
				  sizeof(nl_group)) < 0)
		ctl_misused("can't listen to notifications: %s",
			    strerror(errno));
	for (;;) {
		len = nl_receive(&buffer);
		if (len >= 0)
			nl_hear(buffer, len, heard);
		else if (errno == ENOBUFS)
			heard(NULL, ENOBUFS);
		else
			ctl_misused("can't receive: %s", strerror(errno));
	}
}
