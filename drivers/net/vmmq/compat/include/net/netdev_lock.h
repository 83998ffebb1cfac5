/* SPDX-License-Identifier: GPL-2.0 */
#ifdef VMMQ_LACKS_NETDEV_LOCK /* since 6.15; its macros were in netdevice.h */
#include <linux/netdevice.h>
#else
#include_next <net/netdev_lock.h>
#endif
