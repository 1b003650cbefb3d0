/* The functions of string.h, four bytes at a time where the addresses allow it. Our own, so that a count of instructions
   does not depend on the library that comes with a compiler. */

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) && !defined(__clang__)
/* GCC would find a memcpy in the loop of memcpy, and call it. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);

static void forward(uint8_t *to, const uint8_t *from, size_t size) {
  if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0) {
    word *t = (word *)(void *)to;
    const word *f = (const word *)(const void *)from;
    for (; size >= 16; size -= 16) {
      word a = f[0], b = f[1], c = f[2], d = f[3];
      t[0] = a, t[1] = b, t[2] = c, t[3] = d;
      t += 4, f += 4;
    }
    for (; size >= 4; size -= 4) *t++ = *f++;
    to = (uint8_t *)t;
    from = (const uint8_t *)f;
  }
  while (size--) *to++ = *from++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  forward(to, from, size);
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((uintptr_t)t - (uintptr_t)f >= size) {
    forward(t, f, size); /* each byte is read before it is written over */
  } else {
    while (size--) t[size] = f[size];
  }
  return to;
}

void *memset(void *to, int value, size_t size) {
  uint8_t *t = to;
  uint8_t byte = (uint8_t)value;
  for (; size && ((uintptr_t)t & 3u); size--) *t++ = byte;
  for (; size >= 4; size -= 4, t += 4) *(word *)(void *)t = byte * 0x01010101u;
  while (size--) *t++ = byte;
  return to;
}

int memcmp(const void *left, const void *right, size_t size) {
  const uint8_t *l = left, *r = right;
  for (; size; size--, l++, r++) {
    if (*l != *r) return *l - *r;
  }
  return 0;
}
