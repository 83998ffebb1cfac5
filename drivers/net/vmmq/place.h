/* SPDX-License-Identifier: GPL-2.0 */
/*
 * place.c APIs: from CPUs to queues. Steering parameters may be given as CPUs;
 * what steers has to be a queue whose vector is on that CPU.
 */
#ifndef _VMMQ_PLACE_H
#define _VMMQ_PLACE_H

#include "vmmq.h"

struct netlink_ext_ack;

/**
 * struct vmmq_place - queues to bind to other vectors before a snapshot is put
 *	in force
 * @vectors: by queue, the vector to bind it to; NULL if it keeps its own
 */
struct vmmq_place {
	struct vmmq_vector *vectors[VMMQ_MAX_QUEUES];
};

unsigned int vmmq_place_cpu(const struct vmmq_vport *vport,
			    const struct vmmq_place *place, u16 queue);
void vmmq_place_track(const struct vmmq_vport *vport, struct vmmq_rss *rss);
int vmmq_place_resolve(const struct vmmq_vport *vport, struct vmmq_rss *rss,
		       struct vmmq_place *place,
		       struct netlink_ext_ack *extack);
void vmmq_place_bind(struct vmmq_vport *vport, const struct vmmq_place *place);

#endif /* _VMMQ_PLACE_H */
