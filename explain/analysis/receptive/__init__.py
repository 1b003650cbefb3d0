"""Theoretical and effective receptive fields of one pixel of the network, in the photo.

```python
net, _ = load_network("desk")
dark, _ = load_sample("palace")
for seen in look(net, dark, row=100, column=150):
    print(seen.field.words, seen.field.size, seen.radius(0.9), seen.share_inside)
```

- The **theoretical** field is what kernels, strides and resizing let a pixel reach: a square, found by `field_of`.
- The **global paths** come on top. Channel attention and SKFF average over the whole picture, so that behind the
  first of them every pixel of the photo matters a little.
- The **effective** field is what matters in the trained network on this photo: the gradient of the pixel with respect
  to the photo. It is much smaller than the theoretical one (https://arxiv.org/abs/1701.04128).
"""

from explain.analysis.receptive.effective import Seen, look
from explain.analysis.receptive.theoretical import Field, Stage, field_of, stages

__all__ = ["Field", "Seen", "Stage", "field_of", "look", "stages"]
