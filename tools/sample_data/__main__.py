"""`python -m tools.sample_data DIRECTORY [DAY]`: write the sample files, as of a day or today."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from tools.sample_data import write

if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m tools.sample_data DIRECTORY [DAY]")
    day = date.fromisoformat(sys.argv[2]) if len(sys.argv) == 3 else datetime.now(UTC).date()
    for path in write(Path(sys.argv[1]), day):
        print(path)
