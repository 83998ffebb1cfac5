/* SPDX-License-Identifier: GPL-2.0 */
/*
 * census.c APIs: what kinds of frames a queue pair carried, by size, checksum,
 * address and segmentation. A GSO frame counts as the packets a wire carries for
 * it.
 */
#ifndef _VMMQ_CENSUS_H
#define _VMMQ_CENSUS_H

#include <linux/types.h>
#include <linux/u64_stats_sync.h>

#include "vmmq.h"

struct sk_buff;
struct vmmq_wire_size;

/* Ranges of sizes, see ethtool_stats.c. A size includes the frame check
 * sequence, which no frame here carries.
 */
#define VMMQ_CENSUS_SIZES	10

/**
 * enum vmmq_census_counter - what is counted
 * @VMMQ_CENSUS_SIZE: frames by range of size, VMMQ_CENSUS_SIZES counters
 * @VMMQ_CENSUS_CSUM_NONE: frames that carry their checksum, unverified
 * @VMMQ_CENSUS_CSUM_UNNECESSARY: frames whose checksum was verified
 * @VMMQ_CENSUS_CSUM_COMPLETE: frames that came with the sum of their bytes
 * @VMMQ_CENSUS_CSUM_PARTIAL: frames whose checksum is still to be filled in
 * @VMMQ_CENSUS_MULTICAST: frames to a group, broadcasts not included
 * @VMMQ_CENSUS_BROADCAST: frames to everybody
 * @VMMQ_CENSUS_IN_RANGE: received frames whose length field disagrees with
 *	their length
 * @VMMQ_CENSUS_OUT_OF_RANGE: received frames whose length field is neither a
 *	length nor a type
 * @VMMQ_CENSUS_GSO: frames that stand for several
 * @VMMQ_CENSUS_GSO_BYTES: their bytes
 * @VMMQ_CENSUS_GSO_WIRE: the frames they stand for
 * @VMMQ_CENSUS_GSO_WIRE_BYTES: the bytes of those, headers repeated
 * @VMMQ_CENSUS_COUNTERS: number of counters
 */
enum vmmq_census_counter {
	VMMQ_CENSUS_SIZE,
	/* Four in the order of skb->ip_summed */
	VMMQ_CENSUS_CSUM_NONE = VMMQ_CENSUS_SIZE + VMMQ_CENSUS_SIZES,
	VMMQ_CENSUS_CSUM_UNNECESSARY,
	VMMQ_CENSUS_CSUM_COMPLETE,
	VMMQ_CENSUS_CSUM_PARTIAL,
	VMMQ_CENSUS_MULTICAST,
	VMMQ_CENSUS_BROADCAST,
	VMMQ_CENSUS_IN_RANGE,
	VMMQ_CENSUS_OUT_OF_RANGE,
	VMMQ_CENSUS_GSO,
	VMMQ_CENSUS_GSO_BYTES,
	VMMQ_CENSUS_GSO_WIRE,
	VMMQ_CENSUS_GSO_WIRE_BYTES,
	VMMQ_CENSUS_COUNTERS,
};

/* One direction of a queue pair; one writer, that of its other counters */
struct vmmq_census {
	u64_stats_t count[VMMQ_CENSUS_COUNTERS];
	struct u64_stats_sync syncp;
};

/* Control frames of the MAC: a VPort sees few, so any CPU counts here. */
enum vmmq_mac_counter {
	VMMQ_MAC_CONTROL_SENT,
	VMMQ_MAC_CONTROL_RECEIVED,
	VMMQ_MAC_UNKNOWN_RECEIVED,	/* control frames but for pause */
	VMMQ_MAC_PAUSE_SENT,
	VMMQ_MAC_PAUSE_RECEIVED,
	VMMQ_MAC_COUNTERS,
};

void vmmq_census_sent(struct vmmq_queue *q, const struct sk_buff *skb,
		      const struct vmmq_wire_size *size);
void vmmq_census_received(struct vmmq_queue *q, const struct sk_buff *skb,
			  const struct vmmq_wire_size *size, unsigned int len);
void vmmq_census_stopped(struct vmmq_vport *by, struct vmmq_vport *sender);
void vmmq_census_read(const struct vmmq_vport *vport, unsigned int first,
		      unsigned int end, u64 rx[VMMQ_CENSUS_COUNTERS],
		      u64 tx[VMMQ_CENSUS_COUNTERS]);

#endif /* _VMMQ_CENSUS_H */
