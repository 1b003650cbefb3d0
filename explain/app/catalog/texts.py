"""What the pages say about each kind of component: in one sentence, as a formula, and where the paper says it."""

from dataclasses import dataclass

__all__ = ["PAPER", "TEXTS", "Text"]

PAPER = "https://arxiv.org/abs/2003.06792"


@dataclass(frozen=True)
class Text:
    """The texts of one component's page.

    Attributes:
        title: Heading.
        short: Name in the menu.
        path: Last part of the page's address.
        intro: What it does and why, in a few simple sentences (Markdown); see `explain.app.catalog.wording`.
        formula: LaTeX, one line each.
        symbols: LaTeX symbol and its meaning.
        section: Where the paper introduces it.
        code: What the section does not say, and the authors' code does: for a sentence, without its stop.
    """

    title: str
    short: str
    path: str
    intro: str
    formula: tuple[str, ...]
    symbols: tuple[tuple[str, str], ...]
    section: str
    code: str = ""


TEXTS: dict[str, Text] = {
    "mirnet": Text(
        title="MIRNet",
        short="MIRNet",
        path="mirnet",
        intro="The network does not paint a new picture. It computes what to **add** to the photo: the residual. "
        "In between, the photo becomes **channels**: maps of its size, each of which has learned to respond to "
        "something else. **Activity** is how strong all channels together are at a pixel.",
        formula=(
            r"X_0 = \mathrm{Conv}_{3\times3}(I)",
            r"X_d = \mathrm{RRG}_N(\cdots\,\mathrm{RRG}_1(X_0))",
            r"R = \mathrm{Conv}_{3\times3}(X_d)",
            r"\hat I = I + R",
        ),
        symbols=(
            ("I", "the photo, three colours within [0, 1] (`input`)"),
            ("X_0", "shallow features: the photo as C channels; C is the last number of their shape in the figure"),
            ("X_d", "deep features: output of the last of the N groups (the last RRG in the figure)"),
            ("R", "the residual: what is added, positive or negative (`residual`)"),
            (r"\hat I", "the restored photo (`output`)"),
        ),
        section="section 3",
    ),
    "rrg": Text(
        title="Recursive residual group (RRG)",
        short="RRG",
        path="rrg",
        intro="A chain of blocks with a **skip connection** around it: the input passes unchanged, and the blocks "
        "compute what to add to it. *Recursive*: each block, and each attention unit in it, does the same again.",
        formula=(
            r"F = \mathrm{MRB}_M(\cdots\,\mathrm{MRB}_1(X))",
            r"Y = X + \mathrm{Conv}_{3\times3}(F)",
        ),
        symbols=(
            ("X", "input features"),
            ("M", "number of blocks in the group"),
            ("F", "output of the last block"),
            ("Y", "output features, same shape"),
        ),
        section="section 3",
    ),
    "mrb": Text(
        title="Multi-scale residual block (MRB)",
        short="MRB",
        path="mrb",
        intro="{Three} **streams** work on the same features at {sizes} size: the finest keeps the detail, the "
        "coarser ones see more around it. A **column** is one attention unit in each stream; between columns every "
        "stream gets all the others, and the merge makes one of them again.",
        formula=(
            r"L_1 = \mathrm{DAU}_1(X)",
            r"L_k = \mathrm{DAU}_k(\mathrm{Down}(L_{k-1}))",
            r"M_j = \mathrm{DAU}_j\big(\mathrm{SKFF}_j(L_{1\to j}, \dots, L_{S\to j})\big)",
            r"U = \mathrm{SKFF}_1(M_{1\to1}, \dots, M_{S\to1})",
            r"Y = X + \mathrm{Conv}_{3\times3}(U)",
        ),
        symbols=(
            ("X,\\ Y", "input and output features, same shape"),
            ("L_k", "stream k after its first attention unit: 1 / 2ᵏ⁻¹ of the size, 2ᵏ⁻¹ times the channels"),
            ("M_j", "stream j after the exchange and its second attention unit"),
            (r"L_{k\to j},\ M_{k\to j}", "stream k, resized to the resolution of stream j"),
            ("U", "all streams merged at full resolution, by the same SKFF as stream 1 has in the exchange"),
            ("S", "number of streams"),
        ),
        section="section 3.1, multi-scale residual block",
        code="a stream's unit is the same in all columns, and the merge takes the first stream's SKFF once more",
    ),
    "skff": Text(
        title="Selective kernel feature fusion (SKFF)",
        short="SKFF",
        path="skff",
        intro="Several streams become one. In every **channel** weights say how much of each stream to take, and they "
        "come from the photo itself: its **descriptor** (the mean of each channel) leads to **logits** (scores of any "
        "size), and a softmax makes shares of those.",
        formula=(
            r"L = L_1 + L_2 + \dots + L_S",
            r"s = \mathrm{GAP}(L)",
            r"z = \mathrm{PReLU}(W_z\, s), \quad v_k = W_k\, z",
            r"s_k = \frac{e^{v_k}}{e^{v_1} + \dots + e^{v_S}}",
            r"U = s_1 \cdot L_1 + s_2 \cdot L_2 + \dots + s_S \cdot L_S",
        ),
        symbols=(
            ("L_k", "stream k, all brought to the same shape"),
            ("L", "the plain sum of the streams (`fused`)"),
            ("s", "descriptor: each channel's average over the picture (global average pooling)"),
            ("z", "the descriptor squeezed to an eighth of the channels, at least 4"),
            ("v_k", "logits of stream k, one for each channel"),
            ("s_k", "weights of stream k, one for each channel: a softmax over the streams"),
            ("U", "the result (`out`)"),
        ),
        section="section 3.1, selective kernel feature fusion",
        code="the PReLU, and that z has at least 4 numbers",
    ),
    "dau": Text(
        title="Dual attention unit (DAU)",
        short="Dual attention",
        path="dual-attention",
        intro="Two convolutions propose a change; **gates**, numbers between 0 and 1, decide how much of it passes: "
        "**channel attention** by *which* channel it is, **spatial attention** by *where*. Both results are merged "
        "and added to the input.",
        formula=(
            r"M = \mathrm{Conv}_{3\times3}\big(\mathrm{PReLU}(\mathrm{Conv}_{3\times3}(X))\big)",
            r"Y = X + \mathrm{Conv}_{1\times1}\big([\mathrm{SA}(M),\ \mathrm{CA}(M)]\big)",
        ),
        symbols=(
            ("X,\\ Y", "input and output features, same shape"),
            ("M", "what the two convolutions propose (`body`)"),
            (r"\mathrm{SA},\ \mathrm{CA}", "spatial and channel attention, each a gated copy of M"),
            (r"[\cdot,\cdot]", "side by side: twice the channels"),
        ),
        section="section 3.1, dual attention unit",
        code="the PReLU has one slope for the whole network",
    ),
    "channel_attention": Text(
        title="Channel attention",
        short="Channel attention",
        path="channel-attention",
        intro="One **gate** for each channel, the same at every pixel, found from the **descriptor**: the mean of each "
        "channel. A gate of 0.5 is what the sigmoid makes of 0: a unit whose gates are all near 0.5 prefers nothing.",
        formula=(
            r"d = \mathrm{GAP}(M)",
            r"\hat d = \sigma\big(W_2\, \mathrm{ReLU}(W_1\, d)\big)",
            r"\mathrm{CA}(M) = \hat d \cdot M",
        ),
        symbols=(
            ("M", "input features"),
            ("d", "descriptor: each channel's average over the picture"),
            (r"W_1,\ W_2", "1×1 convolutions: to an eighth of the channels (of the paper's 64 to 8) and back"),
            (r"\sigma", "sigmoid: any number to one between 0 and 1"),
            (r"\hat d", "the gates, one for each channel"),
        ),
        section="section 3.1, dual attention unit",
        code="an eighth, and the ReLU",
    ),
    "spatial_attention": Text(
        title="Spatial attention",
        short="Spatial attention",
        path="spatial-attention",
        intro="One **gate** for each pixel, a number between 0 and 1, the same for all channels. It is found from two "
        "maps: the maximum and the mean over the channels.",
        formula=(
            r"f = [\,\max_c M,\ \operatorname*{mean}_c M\,]",
            r"\hat f = \sigma\big(\mathrm{Conv}_{5\times5}(f)\big)",
            r"\mathrm{SA}(M) = \hat f \cdot M",
        ),
        symbols=(
            ("M", "input features"),
            ("c", "a channel: maximum and mean run over all of them"),
            ("f", "two maps: maximum and mean over the channels, at each position"),
            (r"\sigma", "sigmoid: any number to one between 0 and 1"),
            (r"\hat f", "the gates, one for each pixel"),
        ),
        section="section 3.1, dual attention unit",
        code="the size of the convolution, 5×5",
    ),
    "down": Text(
        title="Residual downsampling",
        short="Downsample",
        path="downsample",
        intro="Half the height and width, twice the channels; a factor of 4 is two steps. Before every second pixel "
        "goes, a blur removes most of what the smaller grid cannot hold. Otherwise it comes back as another pattern, "
        "one that was never there: **aliasing**.",
        formula=(
            r"A = \mathrm{PReLU}\big(\mathrm{Conv}_{3\times3}(\mathrm{PReLU}(W_0\, X))\big)",
            r"Y = W_1\, \mathrm{blur}_{\downarrow2}(A) + W_2\, \mathrm{blur}_{\downarrow2}(X)",
        ),
        symbols=(
            ("X", "input features, n channels"),
            ("A", "the main branch at full size (`features`)"),
            (r"\mathrm{blur}_{\downarrow2}", "binomial filter [1 2 1]/4 both ways, then every second row and column"),
            (r"W_0,\ W_1,\ W_2", "1×1 convolutions; the last two lead to 2n channels"),
            ("Y", "main branch plus shortcut"),
        ),
        section="section 3.1, residual resizing modules",
        code="the blur's weights",
    ),
    "up": Text(
        title="Residual upsampling",
        short="Upsample",
        path="upsample",
        intro="Twice the height and width, half the channels; a factor of 4 is two steps. The main branch learns how "
        "to fill in new pixels, with a transposed convolution; beside it, a shortcut just interpolates.",
        formula=(
            r"F = \mathrm{PReLU}(W_0\, X)",
            r"A = \mathrm{PReLU}\big(\mathrm{ConvT}_{3\times3,\uparrow2}(F)\big)",
            r"Y = W_1\, A + W_2\, \mathrm{bilinear}_{\uparrow2}(X)",
        ),
        symbols=(
            ("X", "input features, n channels"),
            ("F", "the main branch at the old size (`features`)"),
            (r"\mathrm{ConvT}", "transposed convolution: every pixel stamps a 3×3 pattern around its new position"),
            ("A", "the main branch at the new size (`resized`)"),
            (r"\mathrm{bilinear}_{\uparrow2}", "a new pixel is 9/16, 3/16, 3/16 and 1/16 of its four neighbours"),
            (r"W_0,\ W_1,\ W_2", "1×1 convolutions; the last two lead to n/2 channels"),
            ("Y", "main branch plus shortcut"),
        ),
        section="section 3.1, residual resizing modules",
        code="how both branches enlarge",
    ),
}
"""By kind of component, in the order of the menu."""
