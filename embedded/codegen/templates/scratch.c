static union {
  int16_t ring[MIRNET_SCRATCH_BYTES / 2];
  int32_t tables[MIRNET_SCRATCH_BYTES / 4];
} mirnet_scratch; /* of one kernel at a time */
