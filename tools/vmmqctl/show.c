// SPDX-License-Identifier: GPL-2.0
/* "show" of one VPort, of an adapter's, or of all. */
#include <stdio.h>
#include <string.h>

#include "show.h"

struct scope args_scope(struct args *args)
{
	struct scope scope = { };

	if (!args_more(args))
		return scope;
	if (args->left > 1 && args_take(args, "adapter")) {
		scope.adapter = args_adapter(args);
		return scope;
	}
	scope.one = true;
	scope.dev = args_dev(args);
	return scope;
}

struct objects scope_get(const struct scope *scope, unsigned int cmd)
{
	struct request req;

	request_begin(&req, cmd);
	if (scope->one) {
		request_dev(&req, &scope->dev);
		return nl_do(&req);
	}
	if (scope->adapter)
		request_string(&req, VMMQ_A_VPORT_ADAPTER, scope->adapter);
	return nl_dump(&req);
}

const char *scope_vport(const struct object *object)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s/%u",
		 object_string(object, VMMQ_A_VPORT_ADAPTER),
		 object_u32(object, VMMQ_A_VPORT_VPORT));
	return text;
}
