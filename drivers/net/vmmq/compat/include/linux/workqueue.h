/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/workqueue.h>

#ifndef _VMMQ_COMPAT_LINUX_WORKQUEUE_H
#define _VMMQ_COMPAT_LINUX_WORKQUEUE_H

#ifdef VMMQ_LACKS_WQ_PERCPU /* since 6.17; what no flag means before */
#define WQ_PERCPU 0
#endif

#endif /* _VMMQ_COMPAT_LINUX_WORKQUEUE_H */
