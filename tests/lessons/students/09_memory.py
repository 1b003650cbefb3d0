# %% exercise="lifetimes" wrong="the first reader instead of the last"
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), {}
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last.setdefault(tensor, number)
        first[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last.get(tensor, first[tensor])) for tensor in first}


# %% exercise="lifetimes" wrong="output dies when it is written"
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" wrong="inputs forgotten"
def lifetimes(steps, inputs, outputs):
    first, last = {}, {}
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" wrong="counted from 1"
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 1), dict.fromkeys(inputs, 1)
    for number, step in enumerate(steps, 1):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps)
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" wrong="last step excluded: one more"
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number + 1
        first[step.writes] = last[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps)
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" wrong="outputs end one step after the last"
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps)
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" wrong="born at the first read"
def lifetimes(steps, inputs, outputs):
    first, last = {}, {}
    for number, step in enumerate(steps):
        for tensor in step.reads:
            first.setdefault(tensor, number)
            last[tensor] = number
    for tensor in outputs:
        first[tensor] = last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" wrong="inputs live to the end"
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    for tensor in (*inputs, *outputs):
        last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last[tensor]) for tensor in first}


# %% exercise="lifetimes" wrong="first and how long"
def lifetimes(steps, inputs, outputs):
    first, last = dict.fromkeys(inputs, 0), dict.fromkeys(inputs, 0)
    for number, step in enumerate(steps):
        for tensor in step.reads:
            last[tensor] = number
        first[step.writes] = last[step.writes] = number
    for tensor in outputs:
        last[tensor] = len(steps) - 1
    return {tensor: (first[tensor], last[tensor] - first[tensor] + 1) for tensor in first}


# %% exercise="lifetimes" right="a search for each tensor, lists"
def lifetimes(steps, inputs, outputs):
    written = {step.writes: k for k, step in enumerate(steps)}
    found = {}
    for tensor in [*inputs, *written]:
        uses = [k for k, step in enumerate(steps) if tensor in step.reads]
        begin = 0 if tensor in inputs else written[tensor]
        end = len(steps) - 1 if tensor in outputs else max([begin, *uses])
        found[tensor] = [begin, end]
    return found


# %% exercise="lifetimes" right="backwards, NumPy integers"
def lifetimes(steps, inputs, outputs):
    last = (
        {tensor: np.int64(len(steps) - 1) for tensor in outputs}
        if "np" in globals()
        else dict.fromkeys(outputs, len(steps) - 1)
    )
    for k in range(len(steps) - 1, -1, -1):
        for tensor in (*steps[k].reads, steps[k].writes):
            last.setdefault(tensor, k)
    first = {step.writes: k for k, step in enumerate(steps)}
    return {tensor: (first.get(tensor, 0), last.get(tensor, 0)) for tensor in {*last, *inputs}}


# %% exercise="live_bytes" wrong="last step excluded"
def live_bytes(lives, sizes, count):
    return [sum(sizes[t] for t, (first, last) in lives.items() if first <= step < last) for step in range(count)]


# %% exercise="live_bytes" wrong="first step excluded"
def live_bytes(lives, sizes, count):
    return [sum(sizes[t] for t, (first, last) in lives.items() if first < step <= last) for step in range(count)]


# %% exercise="live_bytes" wrong="tensors counted instead of bytes"
def live_bytes(lives, sizes, count):
    return [sum(1 for first, last in lives.values() if first <= step <= last) for step in range(count)]


# %% exercise="live_bytes" wrong="the peak alone"
def live_bytes(lives, sizes, count):
    return max(sum(sizes[t] for t, (first, last) in lives.items() if first <= step <= last) for step in range(count))


# %% exercise="live_bytes" wrong="bytes that are written"
def live_bytes(lives, sizes, count):
    return [sum(sizes[t] for t, (first, _) in lives.items() if first == step) for step in range(count)]


# %% exercise="live_bytes" wrong="never freed"
def live_bytes(lives, sizes, count):
    return [sum(sizes[t] for t, (first, _) in lives.items() if first <= step) for step in range(count)]


# %% exercise="live_bytes" wrong="one step too many"
def live_bytes(lives, sizes, count):
    return [sum(sizes[t] for t, (first, last) in lives.items() if first <= step <= last) for step in range(count + 1)]


# %% exercise="live_bytes" wrong="starts at 1"
def live_bytes(lives, sizes, count):
    return [
        sum(sizes[t] for t, (first, last) in lives.items() if first <= step <= last) for step in range(1, count + 1)
    ]


# %% exercise="live_bytes" right="a cumulative sum"
def live_bytes(lives, sizes, count):
    import numpy as np

    change = np.zeros(count + 1, int)
    for tensor, (first, last) in lives.items():
        change[first] += sizes[tensor]
        change[last + 1] -= sizes[tensor]
    return np.cumsum(change)[:count]


# %% exercise="live_bytes" right="a generator"
def live_bytes(lives, sizes, count):
    for step in range(count):
        yield sum(sizes[t] for t in lives if step in range(lives[t][0], lives[t][1] + 1))


# %% exercise="order" wrong="as listed"
def order():
    return [step.name for step in streams]


# %% exercise="order" wrong="not topological"
def order():
    return [
        "add quarter",
        "to half",
        "work on half",
        "to quarter",
        "work on quarter",
        "to full",
        "work on full",
        "enlarge half",
        "add half",
        "enlarge quarter",
    ]


# %% exercise="order" wrong="one is missing"
def order():
    return [
        "to half",
        "work on half",
        "to quarter",
        "work on quarter",
        "to full",
        "work on full",
        "enlarge half",
        "add half",
        "enlarge quarter",
    ]


# %% exercise="order" wrong="one twice"
def order():
    return [
        "to half",
        "work on half",
        "to quarter",
        "work on quarter",
        "to full",
        "work on full",
        "enlarge half",
        "add half",
        "enlarge quarter",
        "add half",
    ]


# %% exercise="order" wrong="stream by stream, enlarged at once"
def order():
    return [
        "to half",
        "work on half",
        "enlarge half",
        "to quarter",
        "work on quarter",
        "enlarge quarter",
        "to full",
        "work on full",
        "add half",
        "add quarter",
    ]


# %% exercise="order" wrong="steps instead of names"
def order():
    return streams


# %% exercise="order" wrong="a name misspelt"
def order():
    return [
        "to half",
        "work half",
        "to quarter",
        "work on quarter",
        "to full",
        "work on full",
        "enlarge half",
        "add half",
        "enlarge quarter",
        "add quarter",
    ]


# %% exercise="order" wrong="full stream first"
def order():
    return [
        "to full",
        "work on full",
        "to half",
        "work on half",
        "enlarge half",
        "add half",
        "to quarter",
        "work on quarter",
        "enlarge quarter",
        "add quarter",
    ]


# %% exercise="order" right="quarter before half, a tuple"
def order():
    return (
        "to quarter",
        "work on quarter",
        "to half",
        "work on half",
        "to full",
        "work on full",
        "enlarge half",
        "add half",
        "enlarge quarter",
        "add quarter",
    )


# %% exercise="order" right="a generator"
def order():
    yield from ("to half", "to quarter", "work on half", "work on quarter", "to full", "work on full")
    yield from ("enlarge half", "add half", "enlarge quarter", "add quarter")


# %% exercise="place" wrong="one after the other"
def place(blocks):
    offsets, end = {}, 0
    for block in blocks:
        offsets[block.name] = end
        end += block.size
    return offsets


# %% exercise="place" wrong="above all neighbours, no gaps"
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offsets[block.name] = max((offsets[each.name] + each.size for each in meets), default=0)
        placed.append(block)
    return offsets


# %% exercise="place" wrong="last step excluded"
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


# %% exercise="place" wrong="no maximum"
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size <= offsets[other.name]:
                break
            offset = offsets[other.name] + other.size
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" wrong="touching is not allowed"
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size < offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" wrong="a byte between neighbours"
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size <= offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size + 1)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" wrong="sorted by size first"
def place(blocks):
    offsets, placed = {}, []
    for block in sorted(blocks, key=lambda each: -each.size):
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size <= offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" wrong="neighbours not sorted by offset"
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in meets:
            if offset + block.size <= offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" wrong="lifetimes ignored"
def place(blocks):
    offsets, placed = {}, []
    for block in blocks:
        offset = 0
        for other in sorted(placed, key=lambda each: offsets[each.name]):
            if offset + block.size <= offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" wrong="everything at zero"
def place(blocks):
    return {block.name: 0 for block in blocks}


# %% exercise="place" wrong="sorts the learner's list"
def place(blocks):
    blocks.sort(key=lambda each: -each.size)
    offsets, placed = {}, []
    for block in blocks:
        meets = [each for each in placed if each.first <= block.last and block.first <= each.last]
        offset = 0
        for other in sorted(meets, key=lambda each: offsets[each.name]):
            if offset + block.size <= offsets[other.name]:
                break
            offset = max(offset, offsets[other.name] + other.size)
        offsets[block.name] = offset
        placed.append(block)
    return offsets


# %% exercise="place" wrong="an endless loop" says=["has not ended after 20 seconds", "in the line"]
def place(blocks):
    offsets = {}
    for block in blocks:
        offset = 0
        while any(other.name in offsets and offsets[other.name] < offset + block.size for other in blocks):
            offset += 0
        offsets[block.name] = offset
    return offsets


# %% exercise="place" right="candidate offsets"
def place(blocks):
    offsets, by_name = {}, {}
    for block in blocks:
        taken = []
        for name, offset in offsets.items():
            other = by_name[name]
            if not (other.last < block.first or block.last < other.first):
                taken.append((offset, offset + other.size))
        for candidate in sorted({0, *(end for _, end in taken)}):
            if all(candidate + block.size <= a or b <= candidate for a, b in taken):
                offsets[block.name] = candidate
                break
        by_name[block.name] = block
    return offsets


# %% exercise="place" right="a list of pairs"
def place(blocks):
    result = []
    for block in blocks:
        offset = 0
        for start, other in sorted(result, key=lambda pair: pair[0]):
            if other.first <= block.last and block.first <= other.last:
                if offset + block.size <= start:
                    break
                offset = max(offset, start + other.size)
        result.append((offset, block))
    return {block.name: offset for offset, block in result}


# %% exercise="least_arena" wrong="the output forgotten"
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * 3 * stem**2 * bytes_each


# %% exercise="least_arena" wrong="the input forgotten"
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * channels * bytes_each


# %% exercise="least_arena" wrong="bytes_each forgotten"
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * (3 * stem**2 + channels)


# %% exercise="least_arena" wrong="the larger of both"
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * max(3 * stem**2, channels) * bytes_each


# %% exercise="least_arena" wrong="stem not squared"
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * (3 * stem + channels) * bytes_each


# %% exercise="least_arena" wrong="channels at full size"
def least_arena(stem, channels, bytes_each=1):
    return (120 * 160 * 3 + 120 * 160 * channels) * bytes_each


# %% exercise="least_arena" wrong="three channels of input"
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * (3 + channels) * bytes_each


# %% exercise="least_arena" wrong="multiplied instead of added"
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * 3 * stem**2 * channels * bytes_each


# %% exercise="least_arena" right="floats"
def least_arena(stem, channels, bytes_each=1):
    return bytes_each * 120 * 160 * (3 + channels / stem**2)


# %% exercise="least_arena" right="two tensors, as NumPy would count"
def least_arena(stem, channels, bytes_each=1):
    import numpy as np

    h, w = 120 // stem, 160 // stem
    return np.prod([h, w, 3 * stem * stem, bytes_each]) + np.prod([h, w, channels, bytes_each])


# %% exercise="live_bytes" right="one tensor after the other"
def live_bytes(lives, sizes, count):
    live = [0] * count
    for tensor, (first, last) in lives.items():
        for step in range(first, last + 1):
            live[step] += sizes[tensor]
    return tuple(live)


# %% exercise="lifetimes" right="sets of steps"
def lifetimes(steps, inputs, outputs):
    used = {tensor: {0} for tensor in inputs}
    for k, step in enumerate(steps):
        for tensor in (*step.reads, step.writes):
            used.setdefault(tensor, set()).add(k)
    for tensor in outputs:
        used[tensor].add(len(steps) - 1)
    return {tensor: (min(when), max(when)) for tensor, when in used.items()}


# %% exercise="least_arena" right="a sum of two"
def least_arena(stem, channels, bytes_each=1):
    return sum(120 * 160 * c // stem**2 for c in (3 * stem**2, channels)) * bytes_each


# %% exercise="least_arena" wrong="always a stem of 5" says=["use `stem`"]
def least_arena(stem, channels, bytes_each=1):
    return 24 * 32 * (75 + channels) * bytes_each


# %% exercise="least_arena" wrong="with the weights" says=["stay in flash"]
def least_arena(stem, channels, bytes_each=1):
    deep = 3 * stem**2
    maps = (120 // stem) * (160 // stem) * (deep + channels)
    return (maps + 3 * 3 * deep * channels) * bytes_each


# %% exercise="least_arena" wrong="three colours forgotten" says=["one colour"]
def least_arena(stem, channels, bytes_each=1):
    return (120 // stem) * (160 // stem) * (stem**2 + channels) * bytes_each


# %% exercise="least_arena" right="arrays that are made"
def least_arena(stem, channels, bytes_each=1):
    kind = {1: np.int8, 2: np.int16, 4: np.float32}[bytes_each]
    shape = 120 // stem, 160 // stem
    return np.zeros((*shape, 3 * stem**2), kind).nbytes + np.zeros((*shape, channels), kind).nbytes


# %% exercise="least_arena" right="a product of shapes"
def least_arena(stem, channels, bytes_each=1):
    shapes = [(120 / stem, 160 / stem, 3 * stem**2), (120 / stem, 160 / stem, channels)]
    return sum(np.prod(shape) for shape in shapes) * bytes_each


# %% exercise="least_arena" right="bits, then bytes"
def least_arena(stem, channels, bytes_each=1):
    bits = (120 // stem) * (160 // stem) * (3 * stem * stem + channels) * (bytes_each * 8)
    return np.int64(bits >> 3)
