/* SPDX-License-Identifier: GPL-2.0 */
/* nl.c: requests to the control family, answers, and notifications. */
#ifndef VMMQCTL_NL_H
#define VMMQCTL_NL_H

#include "object.h"
#include "schema.h"

struct nlmsghdr;

/* A request that is being written; there is one at a time */
struct request {
	struct nlmsghdr *nlh;
	const struct schema_op *op;
};

/* Begins a request. */
void request_begin(struct request *req, unsigned int cmd);

void request_u32(struct request *req, unsigned int attr, uint32_t value);
void request_string(struct request *req, unsigned int attr, const char *text);
void request_bytes(struct request *req, unsigned int attr, const void *data,
		   size_t size);
struct nlattr *request_nest(struct request *req, unsigned int attr);
void request_nest_end(struct request *req, struct nlattr *nest);

/* Sends a request and returns what it is answered with, for a request that is
 * only acknowledged nothing. Ends the tool when the kernel refuses.
 */
struct objects nl_do(const struct request *req);

/* The same for all objects there are; what it returns is of one state. */
struct objects nl_dump(const struct request *req);

/* Listens for notifications and hands each to heard(), with 0 or, when some
 * were lost, ENOBUFS and no object. Never returns.
 */
void nl_monitor(void (*heard)(const struct object *object, int lost))
	__attribute__((noreturn));

#endif /* VMMQCTL_NL_H */
