"""What the page computes: the photo's run through the network, kept in bounded memory."""
