/* SPDX-License-Identifier: GPL-2.0 */
#ifdef VMMQ_LACKS_UNALIGNED /* since 6.12 */
#include <asm/unaligned.h>
#else
#include_next <linux/unaligned.h>
#endif
