"""What the page calls a network, and what it knows of it before it is made."""

import pytest
from own_networks import SIZES, random_run

from explain.app.compute.app_network import about
from model.errors import MirnetError


def test_what_the_page_calls_a_network(tmp_path):
    run = random_run(tmp_path / "run", SIZES["one column"])
    assert about("desk", None).is_desk and about("desk", None).title == "desk"
    assert about(None, "nano-float").title == "nano-float" and not about(None, "nano-float").is_desk
    assert about("paper", "random").title == "paper with random weights" and about("1x1", None).is_random
    own = about(None, str(run))
    assert (own.title, own.shipped, own.folder) == ("run (yours)", None, None)
    (run / "log.csv").write_text("step\n")
    assert about(None, str(run / "net.weights.h5")).folder == run
    with pytest.raises(MirnetError, match="unknown preset"):
        about("huge", None)
