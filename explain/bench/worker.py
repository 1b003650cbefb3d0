"""Makes one measurement: `python -m explain.bench.worker NAME SETTINGS`; prints the result as JSON.

Started by `explain.bench.runner`, once for each measurement.
"""

import json
import sys

from explain.bench import bench
from explain.quiet import quiet_tensorflow


def main() -> None:
    """Measure, and print the result as the last line."""
    name, settings = sys.argv[1:]
    quiet_tensorflow()
    result = bench(name).measure(**json.loads(settings))
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
