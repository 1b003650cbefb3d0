"""Makes one measurement: `python -m tools.bench.worker NAME SETTINGS`; prints the result as JSON.

Started by `tools.bench.run_jobs`, once for each measurement.
"""

import json
import sys

from explain.cli.quiet import quiet_tensorflow
from tools.bench import bench


def main() -> None:
    """Measure, and print the result as the last line."""
    name, settings = sys.argv[1:]
    quiet_tensorflow()
    result = bench(name).measure(**json.loads(settings))
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
