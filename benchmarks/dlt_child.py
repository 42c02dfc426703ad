"""The reference of `sync_records`: dlt reads the lists of a CRM into files.

    .venv-dlt/bin/python benchmarks/dlt_child.py URL TOKEN FOLDER

Runs outside of our environment. Asks for the properties (and the companies that deals and contacts
are associated with) that our connector reads, given on standard input by the object. Prints JSON:
seconds, CPU and peak memory of the pipeline, imports not counted, and where the files are.
"""

import json
import os
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time


def main(url: str, token: str, folder: str) -> None:
    # Where dlt looks for settings, and keeps its own.
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": folder}
    os.chdir(folder)
    import dlt
    from dlt.sources.rest_api import rest_api_source

    wanted = json.load(sys.stdin)
    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "auth": {"type": "bearer", "token": token},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "paging.next.after",
                    "cursor_param": "after",
                },
            },
            "resource_defaults": {"write_disposition": "replace", "max_table_nesting": 0},
            "resources": [
                {
                    "name": kind,
                    "endpoint": {
                        "path": f"crm/v3/objects/{kind}",
                        "params": {"limit": 100, **query},
                        "data_selector": "results",
                    },
                }
                for kind, query in wanted.items()
            ],
        }
    )
    loaded = Path(folder) / "loaded"
    pipeline = dlt.pipeline(
        "reference",
        destination=dlt.destinations.filesystem(loaded.as_uri()),
        dataset_name="crm",
        pipelines_dir=str(Path(folder) / "pipelines"),
    )
    started, cpu_started = perf_counter(), process_time()
    pipeline.run(source, loader_file_format="jsonl")
    found = {
        "seconds": perf_counter() - started,
        "cpu_seconds": process_time() - cpu_started,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024,
        "folder": str(loaded / "crm"),
    }
    print(json.dumps(found), file=sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
