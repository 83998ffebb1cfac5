/* SPDX-License-Identifier: GPL-2.0 */
#ifdef VMMQ_LACKS_GSO_H /* since 6.5; what it has was in netdevice.h */
#include <linux/netdevice.h>
#else
#include_next <net/gso.h>
#endif
