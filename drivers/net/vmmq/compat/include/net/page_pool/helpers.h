/* SPDX-License-Identifier: GPL-2.0 */
#ifdef VMMQ_LACKS_PAGE_POOL_HELPERS /* since 6.6; there was one header */
#include <net/page_pool.h>
#else
#include_next <net/page_pool/helpers.h>
#endif
