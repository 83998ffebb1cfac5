/* SPDX-License-Identifier: GPL-2.0 */
#include_next <net/genetlink.h>

#ifndef _VMMQ_COMPAT_NET_GENETLINK_H
#define _VMMQ_COMPAT_NET_GENETLINK_H

#ifdef VMMQ_LACKS_GENL_SPLIT_OPS /* since 6.2 */
/* The table keeps its shape, an entry for "do" and one for "dump"; they are
 * merged when the family is registered.
 */
#define genl_split_ops genl_ops
#define split_ops ops
#define n_split_ops n_ops

int vmmq_compat_genl_register_family(struct genl_family *family);
int vmmq_compat_genl_unregister_family(struct genl_family *family);

#define genl_register_family vmmq_compat_genl_register_family
#define genl_unregister_family vmmq_compat_genl_unregister_family
#endif

#ifdef VMMQ_LACKS_GENL_INFO_DUMP /* since 6.6 */
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

#endif /* _VMMQ_COMPAT_NET_GENETLINK_H */
