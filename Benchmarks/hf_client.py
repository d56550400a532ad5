"""One transfer by the real client, in a process of its own, with a home of its own. Run by the
python of the environment that has huggingface_hub.

    HF_ENDPOINT=… HF_TOKEN=… HF_HOME=… python hf_client.py upload bench/repo FILE
    HF_ENDPOINT=… HF_HOME=… python hf_client.py download bench/repo NAME FOLDER

Prints the seconds and the processor time of the transfer alone, without loading the client.
"""

import json
import resource
import sys
import time

from huggingface_hub import HfApi
from huggingface_hub.utils import disable_progress_bars


def busy():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    disable_progress_bars()
    api = HfApi()
    what, repo, *rest = sys.argv[1:]
    if what == "upload":
        api.create_repo(repo, exist_ok=True)
    began, used = time.perf_counter(), busy()
    if what == "upload":
        api.upload_file(path_or_fileobj=rest[0], path_in_repo="model.bin", repo_id=repo)
    else:
        api.hf_hub_download(repo, rest[0], local_dir=rest[1])
    print(json.dumps({"seconds": time.perf_counter() - began, "client_cpu": busy() - used}))


if __name__ == "__main__":
    main()
