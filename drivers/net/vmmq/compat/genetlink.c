// SPDX-License-Identifier: GPL-2.0
/*
 * Operation tables with an entry for "do" and one for "dump" of a command, for
 * kernels that want one entry for both.
 */
#include <linux/slab.h>
#include <net/genetlink.h>

#undef genl_register_family
#undef genl_unregister_family

/* The "do" entry has the policy: it takes all that the dump takes. */
static void merge(struct genl_ops *to, const struct genl_ops *from)
{
	if (from->doit) {
		to->doit = from->doit;
		to->policy = from->policy;
		to->maxattr = from->maxattr;
		to->flags |= from->flags;
		to->validate |= from->validate;
		return;
	}
	to->start = from->start;
	to->dumpit = from->dumpit;
	to->done = from->done;
	if (!to->policy) {
		to->policy = from->policy;
		to->maxattr = from->maxattr;
	}
}

/**
 * vmmq_compat_genl_register_family() - register a family with split operations
 * @family: the family; its table is replaced by a merged one
 *
 * Context: process, module initialisation.
 *
 * Return: 0 or a negative errno.
 */
int vmmq_compat_genl_register_family(struct genl_family *family)
{
	struct genl_ops *merged;
	unsigned int i, n = 0;
	int err;

	merged = kcalloc(family->n_ops, sizeof(*merged), GFP_KERNEL);
	if (!merged)
		return -ENOMEM;
	for (i = 0; i < family->n_ops; i++) {
		if (!n || merged[n - 1].cmd != family->ops[i].cmd)
			merged[n++].cmd = family->ops[i].cmd;
		merge(&merged[n - 1], &family->ops[i]);
	}
	family->ops = merged;
	family->n_ops = n;
	err = genl_register_family(family);
	if (err)
		kfree(merged);
	return err;
}

/**
 * vmmq_compat_genl_unregister_family() - undo the registration
 * @family: the family
 *
 * Context: process.
 *
 * Return: 0 or a negative errno.
 */
int vmmq_compat_genl_unregister_family(struct genl_family *family)
{
	int err = genl_unregister_family(family);

	kfree(family->ops);
	return err;
}
