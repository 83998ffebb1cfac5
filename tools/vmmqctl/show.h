/* SPDX-License-Identifier: GPL-2.0 */
/* show.c: which VPorts a "show" is about. */
#ifndef VMMQCTL_SHOW_H
#define VMMQCTL_SHOW_H

#include "args.h"

/* One VPort, those of an adapter, or all of the namespace */
struct scope {
	bool one;
	struct dev dev;
	const char *adapter;
};

/* Reads [DEV | adapter NAME]. */
struct scope args_scope(struct args *args);

/* Asks for what a scope has, by an operation that names VPorts. */
struct objects scope_get(const struct scope *scope, unsigned int cmd);

/* ADAPTER/NUMBER of an object of any set that names a VPort */
const char *scope_vport(const struct object *object);

#endif /* VMMQCTL_SHOW_H */
