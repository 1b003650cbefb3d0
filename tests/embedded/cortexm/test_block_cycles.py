"""Cycles of blocks: the manual's own examples, two waiting loops that others measured, and what is left open."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from embedded.budget.estimate import Estimate, exactly
from embedded.cortexm import timing
from embedded.cortexm.block_cycles import read_block
from model.errors import MirnetError


@pytest.fixture(autouse=True)
def capstone(require):
    require(find_spec("capstone"), "needs capstone: pip install 'mirnet-explainer[board]'")


def block(code: str, address: int = 0):
    return read_block(bytes.fromhex(code), address)


@pytest.mark.parametrize(
    ("text", "code", "cycles"),
    [  # what TRM table 3-1 and section 3.3.3 say, in their own examples where there are some
        ("adds r0, #1", "0130", 1),
        ("smlad r0, r1, r2, r3", "21fb0230", 1),
        ("smlal r0, r1, r2, r3", "c2fb0301", 1),
        ("ldr r0, [r1]", "0868", 2),
        ("ldr r0, [r1]; ldr r2, [r3]", "08681a68", 3),
        ("ldr r0, [r1, r5]; ldr r1, [r2]; ldr r2, [r3, #4]", "485911685a68", 4),
        ("ldr r0, [r1]; ldr r2, [r0]", "08680268", 4),
        ("str r0, [r1]", "0860", 1),
        ("ldr r0, [r1, r2]; str r0, [r3, #20]", "88585861", 3),
        ("ldr r0, [r1, r2]; str r1, [r3, r2]", "88589950", 3),
        ("adds r1, r2, #4; ldr r0, [r3]", "111d1868", 3),
        ("push {r4, r5, lr}", "30b5", 4),
        ("stmia r0!, {r1 to r7}", "fec0", 8),
        ("pop {r4, pc}, without the refill", "10bd", 3),
        ("ldrd r0, r1, [r2]", "d2e90001", 3),
        ("vldr s0, [r0]", "90ed000a", 2),
        ("vdiv.f32 s0, s1, s2", "80ee810a", 14),
        ("tbb [pc, r0], without the refill", "dfe800f0", 3),
    ],
)
def test_what_the_manual_says(text, code, cycles):
    found = block(code)
    assert found.cycles.likely == cycles, text
    assert found.cycles.lowest <= cycles <= found.cycles.highest
    assert found.instructions == text.count(";") + 1


@pytest.mark.parametrize(
    ("text", "code", "cycles"),
    [
        ("adds r1, r2, #4; ldr r0, [r1]", "111d0868", 3 + timing.ADDRESS),
        ("str r0, [r1, r2]", "8850", 1 + timing.REGISTER_STORE),
        ("str r0, [r1]; str r2, [r3]", "08601a60", 2 + timing.BEHIND_STORE),
        ("ldr r0, [pc, #4]", "0148", 2 + timing.LITERAL),
        ("movs r0, #1; it eq; moveq r0, #2", "012008bf0220", 2 + timing.FOLDED),
        ("add.w r0, r0, #1; it eq; moveq r0, #2", "00f1010008bf0220", 2 + timing.UNFOLDED),
        ("it eq; ldreq r0, [r1]", "08bf0868", timing.UNFOLDED + Estimate(1, 2, 2)),
        ("sdiv r0, r1, r2", "91fbf2f0", timing.DIVIDE),
        ("mrs r0, apsr", "eff30080", timing.SYSTEM),
    ],
)
def test_what_the_manual_leaves_open(text, code, cycles):
    assert block(code).cycles == cycles, text
    assert cycles.lowest <= cycles.likely <= cycles.highest and cycles.lowest < cycles.highest


@pytest.mark.parametrize(
    ("text", "code", "cycles"),
    [
        ("subs r0, #3; bhi: Nordic's nrfx counts 3 cycles on the nRF52840", "0338fdd8", 3),
        ("subs r0, #1; nop; nop; bcs: Arm's Mbed OS counts 5 on a Cortex-M4", "013800bf00bffbd2", 5),
    ],
)
def test_loops_that_others_wait_with(text, code, cycles):
    found = block(code)
    assert (found.cycles + found.refill).likely == cycles, text
    assert not found.unaligned


def test_instructions_across_two_words_have_to_be_fetched():
    wide = "00f10100"  # add.w r0, r0, #1
    assert block(wide * 3).cycles == exactly(3)
    across = block("00bf" + wide * 3)
    assert across.cycles == 4 + timing.UNALIGNED_RUN and across.words == 3.5
    assert block("00bf" + wide * 2).cycles == exactly(3)
    assert block("00bf" + wide * 6).cycles == 7 + timing.UNALIGNED_RUN  # once for a run, however long
    assert not across.unaligned and block(wide, 2).unaligned and not block("0130", 2).unaligned


def test_a_far_jump_is_known_later():
    assert block("7047").refill == timing.FAR_REFILL == block("10bd").refill  # bx lr; pop {r4, pc}
    assert block("fdd8").refill == timing.REFILL != timing.FAR_REFILL


def test_what_is_no_code_is_refused():
    with pytest.raises(MirnetError, match="capstone cannot read the code at 0x0"):
        block("ffffffff")


def test_estimates_add_and_scale():
    one = Estimate(1, 2, 4)
    assert one + one == 2 * one == Estimate(2, 4, 8)
    assert one + 1 == 1 + one == Estimate(2, 3, 5)
    assert sum([one, one], Estimate()) / 2 == one
    assert exactly(3) == Estimate(3, 3, 3) and exactly(one) is one


def test_the_docs_list_every_assumption():
    text = (Path(__file__).parents[3] / "docs" / "cycles.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", text, re.MULTILINE)
    told = {name: Estimate(*map(float, three)) for name, *three in rows}
    assert told == {name: value for name, value in vars(timing).items() if isinstance(value, Estimate)}
