"""Which tensors matter: what the restored picture loses when one tensor alone is rounded."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from embedded.tflite.naming import part_of_hook
from explain.app.data.board_measurements import Costs
from explain.app.pages.quantization.lens_charts import decibels
from explain.app.url import controls
from explain.app.url.session import Context
from explain.app.widgets.decimals import decimal
from explain.app.widgets.pointing import chooser
from explain.figures import Theme
from explain.figures.kit.part_colours import part_colours
from explain.tracing.sites import label

__all__ = ["worth"]

SHOWN = 10


def worth(here: Context, costs: Costs, chosen: str, near: Sequence[float], first: str) -> None:
    """Shows the most costly tensors, each a way to look at it.

    Args:
        here: This run's context.
        costs: Measured, of all tensors.
        chosen: The tensor that is looked at now.
        near: SQNR of each on this photo, in the order of `costs`.
        first: The tensor that an address without one means.
    """
    st.subheader("Which tensors matter", anchor=False)
    ranked = costs.ranked
    most, least = ranked[0], min(range(len(near)), key=lambda k: near[k])
    farthest = costs.tensors[least]
    st.markdown(
        f"Only the restored picture counts. So, on {costs.pairs} pairs of frames, the float network ran with **one "
        "tensor rounded** as the board rounds it and all others exact. No tensor costs more than "
        f"{most.cost:.3f} dB in the mean, nor more than {max(each.worst for each in ranked):.2f} dB on any one "
        "picture: this network was trained to be rounded. "
        f"All together, float reaches {costs.float_psnr:.2f} dB there and int8 {costs.int8_psnr:.2f} dB.\n\n"
        f"A low SQNR need not matter. On this photo the farthest from float is *{label(farthest.name)}* "
        f"({decibels(near[least])}), and rounding it alone costs {decimal(farthest.cost, 3, signed=True)} dB. A cost "
        "below 0 is a gain: rounding moves every picture a little, and by chance some of them nearer to the bright "
        "photo."
    )
    chooser(
        ranking(costs, chosen, here.theme),
        "worth",
        [each.name for each in costs.tensors],
        lambda name: controls.put(tensor=None if name == first else name, c=None),
    )
    st.caption(
        f"The {SHOWN} most costly of {len(ranked)}, measured by `mirnet layers nano` on the project's samples; a "
        "diamond: the same with a real model of floats in which this one tensor is an int8. Click on one to look at "
        "it. Costs do not add up, since errors of different tensors may cancel."
    )


def ranking(costs: Costs, chosen: str, theme: Theme) -> str:
    """The most costly tensors as bars, each a button for `chooser`."""
    colours, ranked = part_colours(theme), costs.ranked[:SHOWN]
    most = max(max(each.cost, each.confirmed or 0.0) for each in ranked) or 1.0
    rows = []
    for each in ranked:
        colour = colours[part_of_hook(each.name)]
        words = f"{label(each.name)}: {decimal(each.cost, 3)} dB, worst picture {decimal(each.worst, 2)} dB"
        diamond = (
            ""
            if each.confirmed is None
            else f'<i style="position:absolute;left:{100 * max(each.confirmed, 0) / most:.1f}%;top:.1rem;width:.5rem;'
            'height:.5rem;background:currentColor;transform:translateX(-50%) rotate(45deg)"></i>'
        )
        rows.append(
            f'<button type="button" data-choose="{escape(each.name, quote=True)}" '
            f'aria-label="{escape(words, quote=True)}" aria-pressed="{str(each.name == chosen).lower()}" '
            'style="display:block;width:100%;max-width:none;'
            'text-align:left;padding:.2rem .3rem;font-size:.85rem">'
            f'<span style="display:flex;justify-content:space-between;gap:1rem"><span>{escape(label(each.name))}</span>'
            f'<span style="white-space:nowrap;font-variant-numeric:tabular-nums">{decimal(each.cost, 3)} dB '
            f'<small style="display:inline;opacity:.75">worst {decimal(each.worst, 2)}</small></span></span>'
            f'<span style="display:block;position:relative;height:.7rem;margin-right:.4rem"><i style="display:block;'
            f'height:.7rem;border-radius:2px;width:{100 * max(each.cost, 0) / most:.1f}%;background:{colour}"></i>'
            f"{diamond}</span></button>"
        )
    return (
        '<div class="bars" data-rove role="group" aria-label="The most costly tensors" style="display:block">'
        f"{''.join(rows)}</div>"
    )
