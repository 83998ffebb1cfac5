# SPDX-License-Identifier: GPL-2.0
# The driver is written for the newest kernel. This adds what the kernel it is
# built for lacks: overlay headers, which have to be searched before the
# kernel's own (ccflags-y comes too late for that), and a few objects.

vmmq-compat := $(abspath $(src))/compat
vmmq-lacks := $(shell $(CONFIG_SHELL) $(vmmq-compat)/probe.sh $(srctree)/include)

ifneq ($(filter EVERYTHING,$(vmmq-lacks)),)
$(error vmmq needs the headers of kernel 6.1.192 or newer, $(srctree) has others)
endif

LINUXINCLUDE := -I$(vmmq-compat)/include $(LINUXINCLUDE)
ccflags-y += $(addprefix -DVMMQ_LACKS_,$(vmmq-lacks))

vmmq-lacks-object = $(if $(filter $(1),$(vmmq-lacks)),compat/$(2).o)
vmmq-y += $(call vmmq-lacks-object,NL_ERR_FMT,extack)
vmmq-y += $(call vmmq-lacks-object,DEVLINK_PORT_NETDEV,devlink)
vmmq-y += $(call vmmq-lacks-object,GENL_SPLIT_OPS,genetlink)
vmmq-y += $(call vmmq-lacks-object,RX_RING_COUNT,ethtool)
vmmq-y += $(call vmmq-lacks-object,XDP_BUILD_SKB,xdp)

# An object here in place of the driver's own
vmmq-lacks-instead = $(if $(filter $(1),$(vmmq-lacks)),$(2).o)
vmmq-instead := $(call vmmq-lacks-instead,STAT_OPS,qstats)
vmmq-instead += $(call vmmq-lacks-instead,XDP_METADATA,xdp_meta)
vmmq-y := $(filter-out $(vmmq-instead),$(vmmq-y)) $(addprefix compat/,$(vmmq-instead))
