# Wrong answers to lesson 9, each with text that its message has to contain.


# %% exercise="lifetimes" says=["“photo” lives from (0, 0), not (0, 2)", "dies at its first reader"]
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), {}
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last.setdefault(tensor, number)
        first[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last.get(tensor, first[tensor])) for tensor in first}


# %% exercise="lifetimes" says=["the result dies with its last reader"]
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" says=["lacks “photo”", "there from step 0"]
def lifetimes(steps, inputs, outputs):
    lives = {}
    for number, step in enumerate(steps):
        readers = [k for k, other in enumerate(steps) if step.writes in other.reads]
        lives[step.writes] = (number, max(readers, default=number))
    for tensor in outputs:
        lives[tensor] = (lives[tensor][0], len(steps) - 1)
    return lives


# %% exercise="lifetimes" says=["the last reader itself is the end"]
def lifetimes(steps, inputs, outputs):
    lives = {}
    for tensor in [*inputs, *(step.writes for step in steps)]:
        first = next((k for k, step in enumerate(steps) if step.writes == tensor), 0)
        readers = [k for k, step in enumerate(steps) if tensor in step.reads]
        last = len(steps) - 1 if tensor in outputs else max(readers, default=first)
        lives[tensor] = (first, last + 1)
    return lives


# %% exercise="live_bytes" says=["not live at the step of its last reader"]
def live_bytes(lives, sizes, count):
    return [sum(sizes[k] for k, (a, b) in lives.items() if a <= step < b) for step in range(count)]


# %% exercise="live_bytes" says=["not live at the step that writes it"]
def live_bytes(lives, sizes, count):
    return [sum(sizes[k] for k, (a, b) in lives.items() if a < step <= b) for step in range(count)]


# %% exercise="live_bytes" says=["nothing is ever freed"]
def live_bytes(lives, sizes, count):
    live, now = [], 0
    for step in range(count):
        now += sum(sizes[k] for k, (first, last) in lives.items() if first == step)
        live.append(now)
    return live


# %% exercise="live_bytes" says=["4 bytes, as in float32"]
def live_bytes(lives, sizes, count):
    return [sum(4 * sizes[k] for k, (a, b) in lives.items() if a <= step <= b) for step in range(count)]


# %% exercise="live_bytes" says=["not a list of 6", "the worst step alone"]
def live_bytes(lives, sizes, count):
    return max(sum(sizes[k] for k, (a, b) in lives.items() if a <= step <= b) for step in range(count))


# %% exercise="live_bytes" says=["only the largest tensor"]
def live_bytes(lives, sizes, count):
    return [max(sizes[k] for k, (a, b) in lives.items() if a <= n <= b) for n in range(count)]


# %% exercise="live_bytes" says=["a step is missing"]
def live_bytes(lives, sizes, count):
    return [sum(sizes[k] for k, (a, b) in lives.items() if a <= n <= b) for n in range(count - 1)]


# %% exercise="order" says=["is 48 KB, and 39 KB are possible", "no better than the list"]
def order():
    return [step.name for step in streams]


# %% exercise="order" says=["“add half” reads “half up” before it is written", "“enlarge half” has to come"]
def order():
    return [
        *("to half", "work on half", "to quarter", "work on quarter", "to full", "work on full"),
        *("add half", "enlarge half", "enlarge quarter", "add quarter"),
    ]


# %% exercise="order" says=["order lacks “to quarter”", "left out or repeated"]
def order():
    return [
        *("to half", "work on half", "work on quarter", "to full", "work on full"),
        *("enlarge half", "add half", "enlarge quarter", "add quarter"),
    ]


# %% exercise="order" says=["is 42 KB, and 39 KB are possible", "a large tensor is live long before it is read"]
def order():
    return [
        *("to full", "to half", "work on full", "to quarter", "work on half", "work on quarter"),
        *("enlarge half", "add half", "enlarge quarter", "add quarter"),
    ]


# %% exercise="place" says=["block 2 (bytes 12 to 15) and block 3 (12 to 17)", "share exactly one step"]
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first < block.last and block.first < each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size <= offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" says=["has bytes of its own"]
def place(blocks):
    offsets, end = {}, 0
    for block in blocks:
        offsets[block.name] = end
        end += block.size
    return offsets


# %% exercise="place" says=["gaps between them stay empty"]
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offsets[block.name] = max((offsets[each.name] + each.size for each in meets), default=0)
        placed.append(block)
    return offsets


# %% exercise="place" says=["the neighbours were not sorted"]
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        offset = 0
        for other in placed:
            together = other.first <= block.last and block.first <= other.last
            begin = offsets[other.name]
            if together and offset + block.size > begin:
                offset = max(offset, begin + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" says=["blocks may not touch", "leaves byte 12 free"]
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size < offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size + 1)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="least_arena" says=["4 bytes, as in float32"]
def least_arena(stem, channels, bytes_each=4):
    return (120 // stem) * (160 // stem) * (3 * stem**2 + channels) * 4


# %% exercise="least_arena" says=["the input is missing"]
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * channels * bytes_each


# %% exercise="least_arena" says=["only one side was divided"]
def least_arena(stem, channels, bytes_each=1):
    return 120 * 160 // stem * (3 * stem**2 + channels) * bytes_each


# %% exercise="least_arena" says=["after space-to-depth it has 3 s²"]
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * (3 + channels) * bytes_each


# %% exercise="least_arena" says=["`bytes_each` is not used"]
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * (3 * stem**2 + channels)
