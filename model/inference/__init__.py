"""Running a network on photographs: as one compiled graph, and tile by tile in bounded memory."""
