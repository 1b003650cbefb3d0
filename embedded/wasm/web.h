/* Before every file of the network: the page is told of each tensor as soon as it is made. */

#ifndef MIRNET_WEB_H
#define MIRNET_WEB_H

#include <stdint.h>

#define MIRNET_FROM_PAGE(name) __attribute__((import_module("page"), import_name(name)))
#define MIRNET_TO_PAGE(name) __attribute__((export_name(name)))

MIRNET_FROM_PAGE("before") void mirnet_before(void);
MIRNET_FROM_PAGE("after") void mirnet_after(int tensor, const int8_t *address, int size);

#define MIRNET_BEFORE mirnet_before();
#define MIRNET_AFTER(tensor, address, size) mirnet_after(tensor, address, size);

#endif
