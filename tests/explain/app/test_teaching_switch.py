"""The sections of SKFF's and the attention components' pages without a browser: the teaching switch, odd addresses."""

import re

import pytest
from page_runs import opened, text_of
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest


def gifts(page: AppTest) -> list[float]:
    """The numbers at the end of each line of the sum, the result last."""
    charts = (each.proto for each in page.main.get("vega_lite_chart"))
    (data,) = next(each.datasets for each in charts if "What each stream gives" in each.alt)
    numbers = (each.rpartition("= ")[2] for each in convert_arrow_bytes_to_pandas_df(data.data.data)["number"])
    return [float(number.replace("\N{MINUS SIGN}", "-")) for number in numbers]


def scale(page: AppTest) -> str:
    """The numbers at the ends of the colours of the maps."""
    html = (each.proto.body for each in page.main.get("html"))
    return next(body for body in html if 'class="legend"' in body and 'class="sheet"' not in body)


@pytest.mark.slow
def test_the_teaching_switch_shows_in_the_bars_and_the_sum_still_holds():
    here = {"group": "1", "block": "1", "channel": "3", "row": "9", "col": "7"}
    right = opened("skff", **here)
    wrong = opened("skff", 1, **here, softmax="channels", bug="yes", answer="right")
    assert "every bar reaches it" in text_of(right.caption)
    assert "each **colour** adds up to 1" in text_of(wrong.caption)
    for page in (right, wrong):
        *parts, fused = gifts(page)
        assert len(parts) == 3 and sum(parts) == pytest.approx(fused, abs=2.5e-4)
    # In the first fusion only the weights differ, so the wrong sum has faded, and is seen to on the same scale.
    assert abs(gifts(wrong)[-1]) < 0.6 * abs(gifts(right)[-1])
    assert scale(wrong) == scale(right)
    assert "Yes. In the **right** panel" in text_of(wrong.success)


@pytest.mark.parametrize(
    ("view", "params"),
    [
        ("skff", {"bug": "yes", "answer": "<script>"}),
        ("dau", {"gate": "![x](http://example.invalid/x.png)", "zoom": "maybe"}),
        ("spatial_attention", {"over": "101"}),
    ],
)
def test_an_odd_address_gets_a_sentence_and_the_default(view, params):
    page = opened(view, **params)
    assert len(page.info) == 1
    assert re.search(r"showing (none|spatial|\d+)\.$", page.info[0].value)
    assert not page.warning and not page.success
